/** Passes that a gate scanned without a line: sent together, and what the server makes of each. */

import type { components } from '$lib/api/schema';

import type { Queued } from './queue.svelte';
import type { EntryAnswer, Text } from './types';

export type ScanAnswer = components['schemas']['ScanAnswer'];

const COLOURS: Record<string, Text> = {
  green: { en: 'The pass is green now.', zh: '现为绿码。' },
  yellow: { en: 'The pass is yellow now.', zh: '现为黄码。' },
  red: { en: 'The pass is red now.', zh: '现为红码。' },
};
const NO: Text = {
  en: 'The pass does not hold, and no visit was written down.',
  zh: '健康码无效，到访未登记。',
};
const NO_VISIT: Text = {
  en: 'The pass holds, but the visit was not written down.',
  zh: '健康码有效，但到访未登记。',
};

/** As the server takes it: with the moment at which it was made, so that sending it twice counts once. */
export function scanOf({ entry: { at, what } }: Queued): object {
  return what.kind === 'scan' ? { code: what.code, place: what.place, at } : {};
}

/** What becomes of it: done with, or something that whoever stood at the gate must see. */
export function scanned({ entry: { id, what } }: Queued, said: ScanAnswer): EntryAnswer {
  const { result, colour, taken } = said;
  if (result === 'no_visit') {
    return { id, result: 'refused', refusal: { code: said.reason ?? result, message: said.why ?? NO_VISIT } };
  }
  const same = what.kind === 'scan' && colour === what.colour;
  if (taken ? same : result === 'neighbour') return { id, result: 'taken' };
  const reason = (taken ? COLOURS[colour ?? ''] : said.why) ?? NO;
  return { id, result: 'taken', decision: { rule: '', reason, pack: '', differs: true } };
}
