import { common } from '../i18n/common.zh';
import type { Words } from './words.en';

const pass: Words['pass'] = {
  title: '健康码',
  haveCode: '已有访问码',
  haveCodeWhy: '访问码只保存在这部手机上，不会出现在网址中。',
  code: '访问码',
  wrong: '格式不对：应为26位字母和数字，一个点，再加几位。',
  unknown: '查不到这个码，请核对，或询问社区。',
  over: '该码已停用，这部手机上的内容已删除。',
  show: '查看健康码',
  askTitle: '没有访问码',
  askWhy: '需要姓名、证件号码和居住地。',
  ask: '申领健康码',
  loading: '正在查询…',
  again: '再查一次',
  leave: '从这部手机上删除此码',
  rules: '全部规则',
};

const words: Words = { common, pass, more: () => import('./holder.zh') };
export default words;
