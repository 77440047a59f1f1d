import { moreWords, words } from '../lib/words.svelte';
import type { FormWords } from './form.en';
import type { Words } from './words.en';

export const w = (): Words => words<Words>();

/** The words of the questions, which are fetched after the first page. */
export const f = (): FormWords => moreWords<FormWords>();
