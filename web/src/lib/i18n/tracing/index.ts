import { prefs } from '$lib/state/prefs.svelte';

import { tracing as en } from './en';
import { tracing as zh } from './zh';

/** Loaded with the rooms that speak so, not with the first page. */
export function tr(): typeof en {
  return prefs.lang === 'zh' ? zh : en;
}
