import { prefs } from '$lib/state/prefs.svelte';

import { gates as en } from './en';
import { gates as zh } from './zh';

/** Loaded with the rooms that speak so, not with the first page. */
export function g(): typeof en {
  return prefs.lang === 'zh' ? zh : en;
}
