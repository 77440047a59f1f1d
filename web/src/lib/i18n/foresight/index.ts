import { prefs } from '$lib/state/prefs.svelte';

import { foresight as en } from './en';
import { foresight as zh } from './zh';

/** Loaded with the room that speaks so, not with the first page. */
export function f(): typeof en {
  return prefs.lang === 'zh' ? zh : en;
}
