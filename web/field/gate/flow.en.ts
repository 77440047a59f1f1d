import { journey } from '../i18n/journey.en';
import { more } from '../i18n/more.en';
import { shown } from './passes/words.en';
import { spoken } from './spoken';

const flow = {
  who: 'Who is it?',
  journey: 'Where from, and by what?',
  from: 'Comes from',
  to: 'Going to',
  community: 'Which community?',
  check: 'Check',
  checkLead: (name: string) => `Check: ${name}`,
  symptoms: 'Symptoms',
  pass: 'Pass shown',
  passes: {
    none: 'none',
    green: 'green',
    yellow: 'yellow',
    red: 'red',
    invalid: 'not valid',
  } as Record<string, string>,
  notMeasured: 'Cannot be measured',
  more: 'The rules ask one thing more',
  circumstances: {
    home_suitable: 'Has a home fit for quarantine',
    pregnant: 'Is pregnant',
    needs_care: 'Needs another’s care',
  } as Record<string, string>,
  yes: 'Yes',
  no: 'No',
  sayTo: 'Say, or show',
  rule: 'Rule',
  handOver: {
    community: 'Hand over to the community',
    site: 'Hand over to the site',
    clinic: 'Hand over to the fever clinic',
    elsewhere: 'Hand over to where they are going',
    checkpoint: 'Hand over to the next checkpoint',
    many: (n: number) => `all ${n} of this vehicle`,
    to: 'To',
    free: (n: number) => `${n} beds free`,
    vehicle: 'Vehicle',
    escort: 'Escort: unit or duty number',
    within: 'There within',
    minutes: (n: number) => `${n} min`,
    details: 'Vehicle, escort, time',
    done: 'Handed over',
    who: 'Choose who receives.',
  },
  nextInCar: 'Next in this vehicle',
  anotherInCar: 'Somebody else in it',
  nextPerson: 'Next',
  samePerson: 'Wrong: correct it',
  queue: 'Queue',
  waiting: 'People waiting',
  fewer: 'One fewer',
  moreWaiting: 'One more',
  wait: (minutes: string) => `The last one waits about ${minutes} min.`,
  measured: (seconds: string) => `${seconds} s a person`,
  lanes: (open: number, needed: number) => `${open} lanes open, ${needed} needed`,
  staff: (n: number) => `${n} staff`,
  enough: (open: number) => `${open} lanes open: enough`,
  checkedToday: (n: number) => `${n} checked today`,
};

const words = { more, journey, flow, spoken, shown };
export default words;
export type FlowWords = typeof words;
