import { journey } from '../i18n/journey.zh';
import { more } from '../i18n/more.zh';
import type { FlowWords } from './flow.en';
import { shown } from './passes/words.zh';
import { spoken } from './spoken';

const flow: FlowWords['flow'] = {
  who: '来人是谁？',
  journey: '从哪里来，乘什么来？',
  from: '来自',
  to: '去向',
  community: '哪个社区？',
  check: '查验',
  checkLead: (name) => `查验：${name}`,
  symptoms: '症状',
  pass: '出示的健康码',
  passes: { none: '未出示', green: '绿码', yellow: '黄码', red: '红码', invalid: '无效' },
  notMeasured: '无法测温',
  more: '按规则还须问一项',
  circumstances: {
    home_suitable: '具备居家隔离条件',
    pregnant: '孕妇',
    needs_care: '需他人照护',
  },
  yes: '是',
  no: '否',
  sayTo: '请告知或出示',
  rule: '规则',
  handOver: {
    community: '移交社区',
    site: '移交集中隔离点',
    clinic: '移交发热门诊',
    elsewhere: '移交目的地',
    checkpoint: '移交下一卡口',
    many: (n) => `同车${n}人一并`,
    to: '接收方',
    free: (n) => `空床${n}张`,
    vehicle: '车辆',
    escort: '护送：单位或岗位号',
    within: '预计到达',
    minutes: (n) => `${n}分钟内`,
    details: '车辆、护送、时间',
    done: '已移交',
    who: '请选择接收方。',
  },
  nextInCar: '同车下一位',
  anotherInCar: '同车其他人',
  nextPerson: '下一位',
  samePerson: '有误，更正',
  queue: '排队情况',
  waiting: '等候人数',
  fewer: '减一人',
  moreWaiting: '加一人',
  wait: (minutes) => `最后一位约等${minutes}分钟。`,
  measured: (seconds) => `每人${seconds}秒`,
  lanes: (open, needed) => `已开${open}条通道，需${needed}条`,
  staff: (n) => `${n}人值守`,
  enough: (open) => `已开${open}条通道，够用`,
  checkedToday: (n) => `今日已查${n}人`,
};

const words: FlowWords = { more, journey, flow, spoken, shown };
export default words;
