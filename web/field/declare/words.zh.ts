import { common } from '../i18n/common.zh';
import type { Words } from './words.en';

const declare: Words['declare'] = {
  title: '来访申报',
  lead: '请在到达之前或当天申报，约需三分钟，可加快通行。',
  whyTitle: '为什么要问',
  why: '让可能有接触史的人及时得到照料，也让其他人不被无故拦下。',
  seesTitle: '谁会看到',
  sees: '您经过的卡口和所去社区的工作人员。每次查看您的姓名都有记录。',
  deletedTitle: '何时删除',
  deleted: '规则允许的期限一到，您的姓名、证件、电话和住址即永久删除。',
  rules: '现行规则',
  start: '开始申报',
  kept: '没有网络时先保存在这部手机上，有网络后自动上报。',
  earlier: '您此前的申报',
};

const words: Words = { common, declare, more: () => import('./form.zh') };
export default words;
