import { journey } from '../i18n/journey.zh';
import { more } from '../i18n/more.zh';
import type { FormWords } from './form.en';

const form: FormWords['form'] = {
  step: (n, of) => `第${n}题，共${of}题`,
  goOn: '继续',
  name: { title: '您的姓名？', why: '以便卡口认出您。', missing: '请填写姓名。' },
  document: {
    title: '您的身份证号或护照号？',
    why: '以免与他人混淆。号码加密保存。',
    missing: '请填写证件号码。',
  },
  phone: {
    title: '您的电话号码？',
    why: '同行者中有人得病时，便于通知您。',
    missing: '请填写电话号码。',
  },
  from: {
    title: '您从哪里来？',
    why: '所需措施取决于当地疫情。',
    label: '出发地或国家',
    missing: '请选择从哪里来。',
  },
  travel: {
    title: '您怎么来？',
    why: '便于找到坐在病人附近的人。',
    missing: '请选择怎么来。',
  },
  arrival: {
    title: '您何时到达？',
    why: '以便提前做好准备。',
    day: '日期',
    time: '大致时间',
    missing: '请填写到达日期。',
    long: '请填写今年或明年的日期。',
  },
  stay: {
    title: '您住在哪里？',
    why: '由所在社区照料您。',
    label: '住址',
    missing: '请填写住址，或选择去向。',
    to: '您住在本地吗？',
    destinations: { here: '是，住本地', other_county: '否，去其他县区', transit: '否，只是过境' },
  },
  circumstances: {
    title: '您有以下情况吗？',
    why: '以免把您安排到不便居住的地方。',
    options: {
      home_suitable: '在本地有住处，可单独住一间',
      pregnant: '怀孕',
      needs_care: '需要他人照护',
    },
  },
  review: {
    title: '请核对',
    send: '提交申报',
    change: (what) => `修改：${what}`,
  },
  receipt: {
    title: '申报成功',
    pending: '已保存在这部手机上',
    pendingLead: '有网络后自动上报，届时此处会显示您的申报码。请保留本页或稍后再来查看。',
    refused: '申报未被接收',
    refusedLead: '请点页面上方的提示，更正后重新提交。',
    code: '您的申报码',
    show: '请在卡口出示，请勿给他人。',
    qr: '申报二维码',
    state: '查看我的状态',
    another: '为同行者申报',
    print: '打印',
    name: '姓名',
    arrival: '到达',
  },
  title: (who) => `申报：${who}`,
};

const words: FormWords = { more, journey, form };
export default words;
