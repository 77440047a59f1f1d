import { common } from '../i18n/common.zh';
import type { Words } from './words.en';

const round: Words['round'] = {
  title: '巡查',
  firstLoad: '首次使用需要联网一次，取得今日名单。',
  loading: '正在取今日名单…',
  old: (day) => `这是${day}的名单，联网后更新为今日名单。`,
  progress: (done, of) => `${done}／${of}`,
  done: '已完成',
  people: '人员',
  doors: '住户',
  due: '待办',
  all: '全部',
  nothing: '目前全部完成。',
  dayOf: (day, days) => `第${day}天，共${days}天`,
  watches: { none: '无', monitoring: '健康监测', home: '居家隔离', site: '集中隔离' },
  dues: { check: '测温', sample: '采样', release: '解除' },
  isNew: '新增',
  missing: '失联',
  needs: (n) => `${n}项需求`,
  coverage: (visited, of) => `已走访${visited}户，共${of}户`,
  met: (met, of) => `已核实${met}人，共${of}人`,
  whole: '不漏一户。',
  uncovered: (n) => `${n}户未走访`,
  registered: (n) => `${n}人`,
  visited: '已走访',
  visit: (n) => `${n}人均已核实`,
  other: '其他人数',
  nobodyHome: '无人在家',
  arrival: '新来人员',
  newDoor: '名单外住户',
};

const words: Words = { common, round, more: () => import('./work.zh') };
export default words;
