import { prefs } from '$lib/state/prefs.svelte';

import { quarantine as en } from './en';
import { quarantine as zh } from './zh';

/** Loaded with the rooms that speak so, not with the first page. */
export function q(): typeof en {
  return prefs.lang === 'zh' ? zh : en;
}
