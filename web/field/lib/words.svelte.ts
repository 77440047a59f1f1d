import { prefs, type Lang } from '$lib/state/prefs.svelte';

import type { Common } from '../i18n/common.en';
import type { More } from '../i18n/more.en';
import type { Text } from './types';

interface MoreWords {
  more: More;
}

interface Words {
  common: Common;
  /** What the page says only once it is used. */
  more: () => Promise<{ default: MoreWords }>;
}

export type Loaders = Record<Lang, () => Promise<{ default: Words }>>;

let held = $state.raw<Words>();
let heldMore = $state.raw<MoreWords>();
let loaders: Loaders;
let coming: Promise<void>;

async function loadMore(words: Words): Promise<void> {
  heldMore = (await persistent(words.more)).default;
}

async function load(lang: Lang): Promise<void> {
  const words = (await loaders[lang]()).default;
  // Both change at once where both are on the page.
  coming = loadMore(words);
  if (heldMore) await coming;
  held = words;
}

/** Only the language in use is loaded. */
export async function speakWith(these: Loaders, lang: Lang): Promise<void> {
  loaders = these;
  await load(lang);
}

export async function speak(lang: Lang): Promise<void> {
  await load(lang);
  prefs.setLang(lang);
}

const AGAIN_MS = 3_000;

/** Tries again until it comes: a page may be left half fetched where a line breaks. */
async function persistent<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch {
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

/** A part of the page that is fetched when it is used, with the words that it needs. */
export async function later<T>(part: () => Promise<{ default: T }>): Promise<T> {
  const [module] = await Promise.all([persistent(part), coming]);
  return module.default;
}

/** The page's words; each page says of which type. */
export function words<T extends Words>(): T {
  return held as T;
}

/** Those of its later parts. */
export function moreWords<T extends MoreWords>(): T {
  return heldMore as T;
}

/** The words that all pages share. */
export function c(): Common {
  return words().common;
}

/** The words that the later parts of all pages share. */
export function m(): More {
  return moreWords().more;
}

/** The server's text in the language in use. */
export function say(text: Text): string {
  return text[prefs.lang];
}

/** A word of a list, or the value itself where it is new to us. */
export function word(list: Record<string, string>, value: string): string {
  return list[value] ?? value;
}

/** The name of an area, a checkpoint or a site, in whichever form it is given. */
export function nameOf(named: { name: Text | string; name_en?: string | null }): string {
  if (typeof named.name !== 'string') return say(named.name);
  return prefs.lang === 'en' ? (named.name_en ?? named.name) : named.name;
}
