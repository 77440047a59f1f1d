import { prefs } from '$lib/state/prefs.svelte';

import { chains as en } from './en';
import { chains as zh } from './zh';

/** Loaded with the rooms that speak so, not with the first page. */
export function h(): typeof en {
  return prefs.lang === 'zh' ? zh : en;
}
