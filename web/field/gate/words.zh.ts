import { common } from '../i18n/common.zh';
import type { Words } from './words.en';

const gate: Words['gate'] = {
  title: '卡口',
  choose: '这是哪个卡口？',
  chooseLead: '选一次即可，手机会记住。',
  noGates: '本辖区没有开放的卡口。',
  firstLoad: '首次使用需要联网一次，取得预计到达名单和处置规则。',
  loading: '正在取名单…',
  change: '换卡口',
  lane: '通道',
  listOf: (time) => `名单更新于${time}`,
  dutyUntil: (time) => `值守至${time}`,
  find: '证件尾号、姓名、车次或座位',
  findResident: '门牌或姓名',
  expected: '预计到达',
  residents: '本处居民',
  stranger: '其他来人',
  pass: '健康码',
  nobody: '预计名单中没有。',
  noResident: '本处居民中没有。',
  arrival: (time) => `预计${time}`,
  passed: (name) => `${name}：已通过`,
  reported: (name) => `${name}：已上报外出`,
  underWatch: '观察中',
  entryTitle: (what, who) => `${what}：${who}`,
  someone: '未留姓名',
};

const words: Words = { common, gate, more: () => import('./flow.zh') };
export default words;
