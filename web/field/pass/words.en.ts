import { common } from '../i18n/common.en';

const pass = {
  title: 'Health pass',
  haveCode: 'I have a code',
  haveCodeWhy: 'It stays on this phone and is never put into an address.',
  code: 'Code',
  wrong: 'This is no such code. It has 26 letters and digits, a point, and some more.',
  unknown: 'This code is not known. Look again, or ask at your community.',
  over: 'The code is ended. What this phone knew of it is gone.',
  show: 'Show my pass',
  askTitle: 'I have no code',
  askWhy: 'You need your name, your document and where you live.',
  ask: 'Ask for a pass',
  loading: 'Asking for your pass…',
  again: 'Look again',
  leave: 'Forget this code on this phone',
  rules: 'All rules',
};

const words = { common, pass, more: () => import('./holder.en') };
export default words;
export type Words = typeof words;
