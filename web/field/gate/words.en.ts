import { common } from '../i18n/common.en';

const gate = {
  title: 'Gate',
  choose: 'Which checkpoint is this?',
  chooseLead: 'It is remembered on this phone.',
  noGates: 'No checkpoint is open in your area.',
  firstLoad: 'This phone needs a network once, to learn who is expected and which rules hold.',
  loading: 'Getting the list…',
  change: 'Another checkpoint',
  lane: 'Lane',
  listOf: (time: string) => `List of ${time}`,
  dutyUntil: (time: string) => `On duty until ${time}`,
  find: 'Last digits, name, or flight and seat',
  findResident: 'Door or name',
  expected: 'Expected',
  residents: 'Live here',
  stranger: 'Somebody else',
  pass: 'Health pass',
  nobody: 'Nobody like that is expected.',
  noResident: 'Nobody like that lives here.',
  arrival: (time: string) => `due ${time}`,
  passed: (name: string) => `${name}: gone through`,
  reported: (name: string) => `${name}: reported as out`,
  underWatch: 'under watch',
  entryTitle: (what: string, who: string) => `${what}: ${who}`,
  someone: 'no name',
};

const words = { common, gate, more: () => import('./flow.en') };
export default words;
export type Words = typeof words;
