import { moreWords, words } from '../lib/words.svelte';
import type { WorkWords } from './work.en';
import type { Words } from './words.en';

export const w = (): Words => words<Words>();

/** The words of what is done at a door, which are fetched after the list. */
export const f = (): WorkWords => moreWords<WorkWords>();
