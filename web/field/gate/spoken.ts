import type { Triage } from '../lib/types';

/** What the person at the gate is told, each in their own language: both stand on the page at once. */
export const spoken: Record<Triage, { zh: string; en: string }> = {
  pass: {
    zh: '可以通行，请保重。',
    en: 'You may go on. Take care.',
  },
  hand_over: {
    zh: '请在此稍候，我们将联系您要去的地方派人接您。',
    en: 'Please wait here. The place where you are going will send somebody for you.',
  },
  home_quarantine: {
    zh: '您需要居家隔离。请在此稍候，社区会来接您，并把需要的东西送上门。',
    en: 'You need to stay at home for some time. Please wait here: your community will take you there and bring what you need.',
  },
  site_quarantine: {
    zh: '您需要到集中隔离点观察。请在此稍候，有车接您，食宿有人照料。',
    en: 'You need to stay at a quarantine site. Please wait here: a car will take you. You will have a bed, food and care.',
  },
  fever_clinic: {
    zh: '请戴好口罩，到旁边等候，医生会为您检查。',
    en: 'Please keep your mask on and wait over there, apart. A doctor will see you.',
  },
  turn_back: {
    zh: '现在不能从这里进入，请从原路返回。',
    en: 'You cannot come in here now. Please go back the way you came.',
  },
};
