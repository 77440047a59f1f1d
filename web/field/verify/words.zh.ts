import { common } from '../i18n/common.zh';
import type { Words } from './words.en';

const verify: Words['verify'] = {
  title: '核验证明',
  lead: '扫描解除观察证明上的码，或手动输入。',
  code: '证明编码',
  submit: '核验',
  wrong: '请扫码，或完整输入编码。',
  digits: '证件或电话尾号',
  valid: '有效',
  invalid: '无效',
  name: '姓名',
  days: '观察时间',
  released: '解除日期',
  issuer: '出具单位',
  pack: '依据',
  compare: '请与本人证件核对姓名。',
  again: '核验另一份',
};

const words: Words = { common, verify, more: () => import('./later.zh') };
export default words;
