/**
 * Walks the compiled rules of a policy pack, so that a gate decides without a network.
 *
 * The form is that of `crates/policy/src/portable.rs`; its test holds this walker against the pack's own.
 */

export interface Portable {
  pack: string;
  never: number;
  slots: number;
  fields: PortableField[];
  rules: PortableRule[];
}

export interface PortableField {
  name: string;
  slot: number;
  fill: 'flag' | 'maybe_flag' | 'word' | 'words' | 'number' | 'maybe_number' | 'temperature' | 'day';
  words?: string[];
}

export interface PortableRule {
  id: string;
  outcome: string;
  reason: { en: string; zh: string };
  when: Condition;
}

export type Condition =
  | { is: 'always'; holds: boolean }
  | { is: 'within'; slot: number; low: number; high: number }
  | { is: 'one_of'; slot: number; values: number[] }
  | { is: 'apart'; a: number; b: number; most: number }
  | { is: 'not'; part: Condition }
  | { is: 'all' | 'any'; parts: Condition[] };

export type Evidence = Record<string, boolean | number | string | string[] | null | undefined>;

const MS_PER_DAY = 86_400_000;

/** A day as a number; days are those of a calendar, so no time zone comes in. */
const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / MS_PER_DAY;

function since(value: unknown, today: number, never: number): number {
  if (typeof value !== 'string') return never;
  const days = today - dayNumber(value);
  return days >= 0 && days < never ? days : never;
}

/** The slots that a record fills on a day. */
export function fill(rules: Portable, evidence: Evidence, on: string): number[] {
  const slots = new Array<number>(rules.slots).fill(0);
  const today = dayNumber(on);
  for (const { name, slot, fill, words = [] } of rules.fields) {
    const value = evidence[name];
    const known = value != null;
    const given = Array.isArray(value) ? value : [];
    if (fill === 'flag') slots[slot] = Number(value === true);
    else if (fill === 'word') slots[slot] = Math.max(0, words.indexOf(String(value)));
    else if (fill === 'number') slots[slot] = Number(value ?? 0);
    else if (fill === 'day') slots[slot] = since(value, today, rules.never);
    else if (fill === 'words') words.forEach((word, at) => (slots[slot + at] = Number(given.includes(word))));
    else {
      slots[slot] = Number(known);
      const scale = fill === 'temperature' ? 10 : 1;
      slots[slot + 1] = known ? Math.round(Number(value) * scale) : 0;
    }
  }
  return slots;
}

function holds(condition: Condition, slots: number[]): boolean {
  const value = (slot: number): number => slots[slot] ?? 0;
  switch (condition.is) {
    case 'always':
      return condition.holds;
    case 'within':
      return value(condition.slot) >= condition.low && value(condition.slot) <= condition.high;
    case 'one_of':
      return condition.values.includes(value(condition.slot));
    case 'apart':
      return value(condition.a) - value(condition.b) <= condition.most;
    case 'not':
      return !holds(condition.part, slots);
    case 'all':
      return condition.parts.every((part) => holds(part, slots));
    case 'any':
      return condition.parts.some((part) => holds(part, slots));
  }
}

/** The first rule that holds decides. A checked pack leaves no evidence without one. */
export function decide(rules: Portable, evidence: Evidence, on: string): PortableRule {
  const slots = fill(rules, evidence, on);
  const rule = rules.rules.find(({ when }) => holds(when, slots));
  if (!rule) throw new Error('no rule holds');
  return rule;
}
