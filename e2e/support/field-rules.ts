/** A few rules of a gate, in the form that the policy's own rules come in: enough for each outcome. */

const SYMPTOMS = ['fever', 'cough', 'sore_throat', 'breathless', 'fatigue', 'diarrhoea', 'rash'];
const FEVER_SLOT = 7;

const at = (slot: number, low: number, high = low) => ({ is: 'within', slot, low, high });
const all = (...parts: object[]) => ({ is: 'all', parts });
const any = (...parts: object[]) => ({ is: 'any', parts });
const rule = (id: string, outcome: string, en: string, zh: string, when: object) => ({
  id,
  outcome,
  reason: { en, zh },
  when,
});

export const rules = {
  pack: 'covid19-cn-2020 3',
  table: 'entry',
  never: 36_500,
  slots: 15,
  fields: [
    { name: 'checkpoint', slot: 0, fill: 'word', words: ['expressway', 'compound'] },
    { name: 'resident', slot: 1, fill: 'flag' },
    { name: 'destination', slot: 2, fill: 'word', words: ['here', 'other_county', 'transit'] },
    { name: 'origin', slot: 3, fill: 'word', words: ['unknown', 'low', 'medium', 'high', 'severe'] },
    { name: 'watch', slot: 4, fill: 'word', words: ['none', 'monitoring', 'home', 'site'] },
    { name: 'temperature', slot: 5, fill: 'temperature' },
    { name: 'symptoms', slot: FEVER_SLOT, fill: 'words', words: SYMPTOMS },
    { name: 'home_suitable', slot: 14, fill: 'flag' },
  ],
  rules: [
    rule(
      'clinic_fever',
      'fever_clinic',
      'Fever of 37.3 °C or more.',
      '体温37.3℃及以上。',
      any(all(at(5, 1), at(6, 373, 450)), at(FEVER_SLOT, 1)),
    ),
    rule(
      'back_to_home',
      'home_quarantine',
      'Is under quarantine at home and has left it.',
      '应居家隔离，现已外出。',
      at(4, 2),
    ),
    rule('pass_transit', 'pass', 'Passes through without a stop.', '过境，不停留。', at(2, 2)),
    rule(
      'hand_over_risk',
      'hand_over',
      'To be watched where they are going.',
      '须在目的地隔离观察。',
      all(at(2, 1), at(3, 3, 4)),
    ),
    rule(
      'site_origin',
      'site_quarantine',
      'From a severe area, and not 14 days away from there yet.',
      '来自疫情严重地区，离开未满14天。',
      at(3, 4),
    ),
    rule(
      'turn_back_stranger',
      'turn_back',
      'Does not live here and shows no green pass.',
      '非本处居民，且未出示绿码。',
      all(at(0, 1), at(1, 0)),
    ),
    rule(
      'site_no_home',
      'site_quarantine',
      'Belongs into quarantine at home, but has no home fit for it.',
      '应居家隔离，但不具备居家条件。',
      all(at(3, 3), at(14, 0)),
    ),
    rule(
      'home_origin',
      'home_quarantine',
      'From a high-risk area, and not 14 days away from there yet.',
      '来自高风险地区，离开未满14天。',
      at(3, 3),
    ),
    rule('pass', 'pass', 'Nothing against it.', '无异常，放行。', { is: 'always', holds: true }),
  ],
};
