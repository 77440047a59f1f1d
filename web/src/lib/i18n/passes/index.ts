import { prefs } from '$lib/state/prefs.svelte';

import { passes as en } from './en';
import { passes as zh } from './zh';

/** Loaded with the room that speaks so, not with the first page. */
export function p(): typeof en {
  return prefs.lang === 'zh' ? zh : en;
}
