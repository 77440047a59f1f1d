import { common } from '../i18n/common.en';

const verify = {
  title: 'Check a certificate',
  lead: 'Scan the code on a certificate of release, or type it.',
  code: 'Code of the certificate',
  submit: 'Check it',
  wrong: 'Scan the code, or type all of it.',
  digits: 'Last digits of the document or phone',
  valid: 'Valid',
  invalid: 'Not valid',
  name: 'Name',
  days: 'Under watch',
  released: 'Released',
  issuer: 'Issued by',
  pack: 'Rules',
  compare: 'Compare the name with a document.',
  again: 'Check another',
};

const words = { common, verify, more: () => import('./later.en') };
export default words;
export type Words = typeof words;
