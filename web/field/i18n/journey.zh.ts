import type { JourneyWords } from './journey.en';

export const journey: JourneyWords = {
  mode: '乘什么来？',
  modes: {
    air: '航空',
    rail: '铁路',
    road: '自驾',
    water: '水路',
    metro: '地铁',
    bus: '客运汽车',
    foot: '步行',
  },
  number: '航班、车次或船次',
  plate: '车牌',
  seat: '座位',
  destinations: { here: '本地', other_county: '其他县区', transit: '过境' },
};
