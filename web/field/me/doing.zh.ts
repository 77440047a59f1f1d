import { more } from '../i18n/more.zh';
import { needs } from '../i18n/needs.zh';
import type { DoingWords } from './doing.en';

const doing: DoingWords['doing'] = {
  checkTitle: '每日健康打卡',
  checks: (done, of) => `今日已打卡${done}次，共${of}次`,
  checkNow: '填报体温',
  symptoms: '有以下不适吗？',
  none: '都没有',
  send: '提交',
  sent: '打卡已记录。',
  chooseSymptoms: '请选择不适，或选“都没有”。',
  needTitle: '需要帮助吗？',
  needText: '可用文字说明',
  needSend: '提出需求',
  needSent: '需求已记录。',
  samples: '采样',
  results: { negative: '阴性', positive: '阳性', unclear: '无法判定' },
  noResult: '待出结果',
  checkEntry: (value) => `我的打卡：${value}℃`,
  needEntry: '我的需求',
  certificate: {
    title: '解除观察证明',
    lead: '观察期已满。',
    code: '编码',
    verify: '任何人可在此核验：',
    qr: '证明二维码',
    print: '打印',
    days: '观察时间',
    pack: '依据',
  },
};

const words: DoingWords = { more, needs, doing };
export default words;
