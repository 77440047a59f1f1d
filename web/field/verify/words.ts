import { words } from '../lib/words.svelte';
import type { Words } from './words.en';

export const w = (): Words => words<Words>();
