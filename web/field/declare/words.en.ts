import { common } from '../i18n/common.en';

const declare = {
  title: 'Declare your arrival',
  lead: 'Tell us before you come, or on the day. It takes about three minutes, and you will pass faster.',
  whyTitle: 'Why it is asked',
  why: 'So that nobody who may have been exposed is left without care, and nobody is stopped without need.',
  seesTitle: 'Who sees it',
  sees: 'The staff at your checkpoint and in your community. Each look at your name is recorded.',
  deletedTitle: 'When it is deleted',
  deleted:
    'When the time that the rules allow is over: your name, document, phone and address are then gone for good.',
  rules: 'The rules in force',
  start: 'Start now',
  kept: 'Without a network it is kept on this phone, and sent as soon as there is one.',
  earlier: 'Your earlier declaration',
};

const words = { common, declare, more: () => import('./form.en') };
export default words;
export type Words = typeof words;
