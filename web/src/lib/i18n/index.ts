import type { Area, Text } from '$lib/api/types';
import { prefs } from '$lib/state/prefs.svelte';

import { en, type Messages } from './en';
import { zh } from './zh';

const catalogues: Record<'en' | 'zh', Messages> = { en, zh };

/** The catalogue of the language in use; reactive when read in a template or an effect. */
export function t(): Messages {
  return catalogues[prefs.lang];
}

/** The server's text in the language in use. */
export function say(text: Text): string {
  return text[prefs.lang];
}

export function areaName(area: Pick<Area, 'name' | 'name_en'>): string {
  return prefs.lang === 'en' ? (area.name_en ?? area.name) : area.name;
}

/** A kind of fact in words: the version of its form says nothing to a reader. */
export function kindWord(words: Record<string, string>, kind: string): string {
  return word(words, kind.replace(/\/\d+$/, ''));
}

/** The catalogue's word for a value of the server's vocabulary, or the value itself when it is new to us. */
export function word(words: Record<string, string>, value: string): string {
  return words[value] ?? value;
}
