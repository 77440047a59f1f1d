import { common } from '../i18n/common.zh';
import type { Words } from './words.en';

const me: Words['me'] = {
  title: '我的状态',
  ask: '您的申报码是？',
  askWhy: '见申报回执。申报码只保存在这部手机上，不会出现在网址中。',
  code: '申报码',
  wrong: '格式不对：应为26位字母和数字，一个点，再加几位。',
  unknown: '查不到这个码，请核对，或询问卡口或社区。',
  show: '查看我的状态',
  loading: '正在查询…',
  old: (time) => `${time}的状态（当前无网络）。`,
  left: (n) => `还有${n}天`,
  lastDay: '今天是最后一天',
  dayOf: (day, days) => `第${day}天，共${days}天`,
  until: (day) => `至${day}`,
  why: '原因',
  rules: '全部规则',
  certificate: '您的证明',
  leave: '从这部手机上删除此码',
};

const words: Words = { common, me, more: () => import('./doing.zh') };
export default words;
