/** A small made-up city for the field pages: nobody in it is real. */
import { rules } from './field-rules';

const day = (ahead: number): string => {
  const then = new Date(Date.now() + ahead * 86_400_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
};
const now = new Date().toISOString();
const county = { code: '330381', name: '瑞安市', name_en: 'Rui’an' };

export const me = {
  account: '01ARZ3NDEKTSV4RRFFQ69G5FAA',
  login: 'gate.one',
  name: '林静',
  csrf: 'the-token',
  home: county,
  rights: [],
  grants: [{ role: 'grid_worker', area: county }],
  must_change_password: false,
  demo: false,
  today: day(0),
};

/** Another place where somebody works, and what lies within the county. */
export const otherVillage = { code: '330382002003', name: '南门社区', name_en: 'South gate' };
export const below = [
  { code: '330381001001', name: '东门社区', name_en: 'East gate' },
  { code: '330381001002', name: '西门社区', name_en: 'West gate' },
];

const gate = (checkpoint: string, kind: string, en: string, zh: string) => ({
  checkpoint,
  name: { en, zh },
  kind,
  area: county,
  lanes: 4,
  open: true,
  on_duty: { from: now, until: now, staff: 6, lanes: 2 },
  checked_today: 128,
  waiting_handover: 3,
});

const ROAD = '01ARZ3NDEKTSV4RRFFQ69G5FA1';
const COMPOUND = '01ARZ3NDEKTSV4RRFFQ69G5FA2';

export const gates = [
  gate(ROAD, 'expressway', 'Rui’an exit', '瑞安高速出口'),
  gate(COMPOUND, 'compound', 'Garden court, east gate', '花园小区东门'),
];

export const gateOf = (path: string) => (path.includes(COMPOUND) ? gates[1]! : gates[0]!);

const PARTY = '01ARZ3NDEKTSV4RRFFQ69G5PRT';
const expected = (n: number, name: string, more: object = {}) => ({
  entrant: `01ARZ3NDEKTSV4RRFFQ69G5E${String(n).padStart(2, '0')}`,
  name,
  tail: String(1000 + n * 7),
  phone_tail: String(2000 + n),
  number: null,
  seat: null,
  from: '330100',
  arrival: now,
  bound_for: { code: '330381001001', name: '东门社区' },
  destination: 'here',
  party: null,
  watch: 'none',
  case: 'none',
  age: 41,
  origin: 'unknown',
  abroad: false,
  pregnant: false,
  needs_care: false,
  home_suitable: false,
  ...more,
});

export const kit = {
  checkpoint: gates[0]!,
  as_of: now,
  pass_list_hours: 24,
  rules,
  origins: [
    { code: '420000', name: '湖北省', name_en: 'Hubei', risk: 'severe', listed: true },
    { code: '330300', name: '温州市', name_en: 'Wenzhou', risk: 'high', listed: false },
  ],
  areas: [
    { code: '330000', name: '浙江省', name_en: 'Zhejiang' },
    { code: '330100', name: '杭州市', name_en: 'Hangzhou' },
    { code: '420100', name: '武汉市', name_en: 'Wuhan' },
    { code: '310000', name: '上海市', name_en: 'Shanghai' },
  ],
  local: [
    { code: '330381001001', name: '东门社区', name_en: 'East gate' },
    { code: '330381001002', name: '西门社区', name_en: 'West gate' },
  ],
  expected: [
    expected(1, '王**', { party: PARTY, number: '浙C·12345' }),
    expected(2, '李*', { party: PARTY, number: '浙C·12345' }),
    expected(3, '张**', { from: '420100', origin: 'severe', number: 'G1234', seat: '08A' }),
    expected(4, '陈*', { watch: 'home' }),
    ...Array.from({ length: 16 }, (_, at) => expected(at + 5, `赵${'*'.repeat(1 + (at % 2))}`)),
  ],
  residents: [] as object[],
  sites: [
    { site: '01ARZ3NDEKTSV4RRFFQ69G5S01', name: '城东隔离点', free: 4, area: county },
    { site: '01ARZ3NDEKTSV4RRFFQ69G5S02', name: '滨江酒店', free: 31, area: county },
  ],
};

export const residents = [
  { person: '01ARZ3NDEKTSV4RRFFQ69G5R01', name: '周**', door: '3-1-201', watch: 'none' },
  {
    person: '01ARZ3NDEKTSV4RRFFQ69G5R02',
    name: '吴*',
    door: '3-1-202',
    watch: 'home',
    order: '01ARZ3NDEKTSV4RRFFQ69G5RD2',
  },
  ...Array.from({ length: 12 }, (_, at) => ({
    person: `01ARZ3NDEKTSV4RRFFQ69G5R${String(at + 10)}`,
    name: '郑**',
    door: `5-2-${301 + at}`,
    watch: 'none',
  })),
];

export const queue = {
  measured: { mean_seconds: 14.2, cv: 0.6, n: 212 },
  arrivals_per_hour: 410,
  foreseen: [{ hour: 9, expected: 520 }],
  lanes_open: 2,
  needed: { lanes: 3, staff: 9, mean_wait_seconds: 41, share_within: 0.96 },
  target: { seconds: 120, share: 0.95 },
};

const person = (n: number, more: object = {}) => ({
  order: `01ARZ3NDEKTSV4RRFFQ69G5D${String(n).padStart(2, '0')}`,
  entrant: null,
  person: `01ARZ3NDEKTSV4RRFFQ69G5P${String(n).padStart(2, '0')}`,
  name: '孙**',
  door: `${n}-1-101`,
  walk: n,
  watch: 'home',
  day: 5,
  days: 14,
  until: day(9),
  due: ['check'],
  new: false,
  missing: false,
  checks: [],
  needs: [],
  ...more,
});

export const round = {
  area: { code: '330381001001', name: '东门社区', name_en: 'East gate' },
  day: day(0),
  as_of: now,
  slots: { now: 1, of: 2 },
  people: [
    person(1),
    person(2, { new: true, day: 1 }),
    person(3, { due: ['check', 'sample'], day: 13 }),
    person(4, { due: ['check', 'release'], day: 14, until: day(0) }),
    person(5, { missing: true }),
    person(6, { due: [], checks: [{ slot: 1, temperature: 36.6, symptoms: [], abnormal: false }] }),
    ...Array.from({ length: 6 }, (_, at) => person(7 + at)),
  ],
  households: Array.from({ length: 8 }, (_, at) => ({
    household: `01ARZ3NDEKTSV4RRFFQ69G5H${String(at).padStart(2, '0')}`,
    door: `${at + 1}-1-101`,
    dwelling: at === 2 ? 'rented' : 'home',
    walk: at + 1,
    people: 3,
    place: null,
    residents: 2,
    visited_at: at < 3 ? now : null,
    covered: at < 3,
  })),
  coverage: { households: 8, visited: 3, people: 24, met: 9, since: day(-2) },
};

export const CODE = '01ARZ3NDEKTSV4RRFFQ69G5FAV.7KQ2M9XT';

/** As a signed text is: no personal code. */
export const CERTIFICATE = 'LFR1:6BFOXN%TS3DH*70J.V5G4%1S$9F:3T*8OVZ1 W-KY0+T5CQ2A';

export const standing = {
  stage: 'watched',
  stage_name: { en: 'under watch', zh: '观察中' },
  watch: 'home',
  watch_name: { en: 'quarantine at home', zh: '居家隔离' },
  reason: {
    en: 'From a high-risk area, and not 14 days away from there yet.',
    zh: '来自高风险地区，离开未满14天。',
  },
  since: day(-4),
  until: day(9),
  day: 5,
  days: 14,
  order: '01ARZ3NDEKTSV4RRFFQ69G5RD1',
  checks: { now: 2, of: 2, today: [{ slot: 1, temperature: 36.5, symptoms: [] }] },
  samples: [{ day: day(-3), taken: true, result: 'negative' }],
  needs: [
    {
      need: 'supplies',
      need_name: { en: 'food and daily goods', zh: '生活物资' },
      state_name: { en: 'open', zh: '待办' },
      over: false,
    },
  ],
  certificate: null as string | null,
  pack: 'covid19-cn-2020 3',
};

export const released = {
  ...standing,
  stage: 'released',
  stage_name: { en: 'released', zh: '已解除' },
  watch: 'none',
  watch_name: null,
  until: day(0),
  checks: null,
  certificate: CERTIFICATE,
};

export const verdict = {
  valid: true,
  reason: 'valid',
  why: { en: 'This certificate was issued here and stands.', zh: '此证明由本系统出具，有效。' },
  certificate: {
    issuer: county,
    order: '01ARZ3NDEKTSV4RRFFQ69G5D01',
    name: '*明',
    digits: '002X',
    first: day(-14),
    last: day(0),
    released: day(0),
    pack: 'covid19-cn-2020 3',
  },
};
