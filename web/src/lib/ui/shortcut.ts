import { prefs } from '$lib/state/prefs.svelte';

/** Whether a key press belongs to what has the focus rather than to the page. */
export function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, dialog[open]') !== null;
}

/** The letter pressed, if it is meant for the page and its reader has not turned such keys off. */
export function shortcut(event: KeyboardEvent): string | null {
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  return !prefs.shortcuts || modified || typing(event.target) ? null : event.key;
}
