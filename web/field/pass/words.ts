import { moreWords, words } from '../lib/words.svelte';
import type { HolderWords } from './holder.en';
import type { Words } from './words.en';

export const w = (): Words => words<Words>();

/** The words of what a holder sees and does, which are fetched after the page. */
export const f = (): HolderWords => moreWords<HolderWords>();
