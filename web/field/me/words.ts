import { moreWords, words } from '../lib/words.svelte';
import type { DoingWords } from './doing.en';
import type { Words } from './words.en';

export const w = (): Words => words<Words>();

/** The words of what somebody under watch does, which are fetched after the state. */
export const f = (): DoingWords => moreWords<DoingWords>();
