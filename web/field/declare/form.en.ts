import { journey } from '../i18n/journey.en';
import { more } from '../i18n/more.en';

const form = {
  step: (n: number, of: number) => `Question ${n} of ${of}`,
  goOn: 'Go on',
  name: { title: 'What is your name?', why: 'To know you at the checkpoint.', missing: 'Give your name.' },
  document: {
    title: 'What is the number of your identity card or passport?',
    why: 'So that you are not taken for somebody else. It is kept sealed.',
    missing: 'Give the number of your document.',
  },
  phone: {
    title: 'On which number can you be reached?',
    why: 'If somebody who travelled with you falls ill, you are called.',
    missing: 'Give a phone number.',
  },
  from: {
    title: 'Where do you come from?',
    why: 'What is asked of you depends on how things stand there.',
    label: 'Place or country where the journey began',
    missing: 'Choose where you come from.',
  },
  travel: {
    title: 'How do you travel?',
    why: 'So that those who sat near somebody ill can be found.',
    missing: 'Choose how you travel.',
  },
  arrival: {
    title: 'When do you arrive?',
    why: 'So that you are expected.',
    day: 'Day',
    time: 'Time, roughly',
    missing: 'Give the day of your arrival.',
    long: 'Give a day within this year or the next.',
  },
  stay: {
    title: 'Where will you stay?',
    why: 'Your community looks after you there.',
    label: 'Address',
    missing: 'Give the address, or where you go on to.',
    to: 'Do you stay here?',
    destinations: {
      here: 'Yes, here',
      other_county: 'No, in another county',
      transit: 'No, I pass through',
    } as Record<string, string>,
  },
  circumstances: {
    title: 'Does any of this apply to you?',
    why: 'So that you are not sent where you could not stay.',
    options: {
      home_suitable: 'I have a home here with a room of my own',
      pregnant: 'I am pregnant',
      needs_care: 'I need somebody’s care',
    } as Record<string, string>,
  },
  review: {
    title: 'Check your answers',
    send: 'Declare',
    change: (what: string) => `Change: ${what}`,
  },
  receipt: {
    title: 'You have declared your arrival',
    pending: 'Kept on this phone',
    pendingLead:
      'It is sent as soon as there is a network. Your code then stands here: keep this page or come back to it.',
    refused: 'Your declaration was not taken',
    refusedLead: 'Mend it in the list above: touch the line that says so.',
    code: 'Your code',
    show: 'Show this at the checkpoint. Do not give it to anybody else.',
    qr: 'QR code of your declaration',
    state: 'See your state',
    another: 'Declare for somebody who travels with you',
    print: 'Print',
    name: 'Name',
    arrival: 'Arrival',
  },
  title: (who: string) => `Declaration: ${who}`,
};

const words = { more, journey, form };
export default words;
export type FormWords = typeof words;
