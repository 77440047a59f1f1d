import { prefs } from '$lib/state/prefs.svelte';

import { casework as en } from './en';
import { casework as zh } from './zh';

/** Loaded with the rooms that speak so, not with the first page. */
export function c(): typeof en {
  return prefs.lang === 'zh' ? zh : en;
}
