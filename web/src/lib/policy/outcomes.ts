import type { PolicyTable } from '$lib/api/types';

/** In this order a reader meets the tables: what concerns one person first. */
export const tableOrder: PolicyTable[] = ['pass', 'quarantine', 'contact', 'entry', 'risk', 'reopening'];

export type Tone = 'low' | 'medium' | 'high' | 'free' | 'between' | 'strictest';

const tones: Partial<Record<PolicyTable, Record<string, Tone>>> = {
  pass: { green: 'low', yellow: 'medium', red: 'high' },
  risk: { low: 'low', medium: 'medium', high: 'high' },
};

/** What leaves free, and what is done in a moment at a gate or found of a meeting, has nothing to be cleared. */
export function clearable(table: PolicyTable, tone: Tone): boolean {
  return table !== 'entry' && table !== 'contact' && tone !== 'free' && tone !== 'low';
}

/** Only passes and risk have colours; elsewhere the shape alone tells free from strict. */
export function toneOf(table: PolicyTable, outcome: string, ranked: string[]): Tone {
  const tone = tones[table]?.[outcome];
  if (tone) return tone;
  const at = ranked.indexOf(outcome);
  if (at <= 0) return 'free';
  return at === ranked.length - 1 ? 'strictest' : 'between';
}
