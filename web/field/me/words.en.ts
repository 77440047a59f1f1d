import { common } from '../i18n/common.en';

const me = {
  title: 'My state',
  ask: 'What is your code?',
  askWhy: 'It stands on your receipt. It stays on this phone and is never put into an address.',
  code: 'Code',
  wrong: 'This is no such code. It has 26 letters and digits, a point, and some more.',
  unknown: 'This code is not known. Look again, or ask at your checkpoint or community.',
  show: 'Show my state',
  loading: 'Asking for your state…',
  old: (time: string) => `As of ${time}, without a network.`,
  left: (n: number) => (n === 1 ? '1 day left' : `${n} days left`),
  lastDay: 'Today is the last day',
  dayOf: (day: number, days: number) => `Day ${day} of ${days}`,
  until: (day: string) => `until ${day}`,
  why: 'Why',
  rules: 'All rules',
  certificate: 'Your certificate',
  leave: 'Forget this code on this phone',
};

const words = { common, me, more: () => import('./doing.en') };
export default words;
export type Words = typeof words;
