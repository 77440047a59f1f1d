import { moreWords, words } from '../lib/words.svelte';
import type { FlowWords } from './flow.en';
import type { Words } from './words.en';

export const w = (): Words => words<Words>();

/** The words of a check, which are fetched after the list of who is expected. */
export const f = (): FlowWords => moreWords<FlowWords>();
