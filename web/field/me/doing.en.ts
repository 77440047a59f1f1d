import { more } from '../i18n/more.en';
import { needs } from '../i18n/needs.en';

const doing = {
  checkTitle: 'Daily check',
  checks: (done: number, of: number) => `${done} of ${of} checks done today`,
  checkNow: 'Write down my temperature',
  symptoms: 'Do you feel any of this?',
  none: 'None of this',
  send: 'Report',
  sent: 'Your check is written down.',
  chooseSymptoms: 'Say what you feel, or that there is nothing.',
  needTitle: 'Do you need something?',
  needText: 'In words, if you like',
  needSend: 'Ask for it',
  needSent: 'Your request is written down.',
  samples: 'Samples',
  results: { negative: 'negative', positive: 'positive', unclear: 'not clear' } as Record<string, string>,
  noResult: 'result to come',
  checkEntry: (value: string) => `My check: ${value} °C`,
  needEntry: 'My request',
  certificate: {
    title: 'Certificate of release',
    lead: 'The days of watch are over.',
    code: 'Code',
    verify: 'Anybody can check it at:',
    qr: 'QR code of the certificate',
    print: 'Print',
    days: 'Under watch',
    pack: 'Rules',
  },
};

const words = { more, needs, doing };
export default words;
export type DoingWords = typeof words;
