import { prefs } from '$lib/state/prefs.svelte';

import { fieldwork as en } from './en';
import { fieldwork as zh } from './zh';

/** Loaded with the rooms that speak so, not with the first page. */
export function w(): typeof en {
  return prefs.lang === 'zh' ? zh : en;
}
