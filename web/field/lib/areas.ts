/** Where people come from: areas by their codes, and countries by two letters. */

import { prefs } from '$lib/state/prefs.svelte';

import type { Named } from './types';

const LEVELS = [2, 4, 6, 9, 12, 15];
const COUNTRIES =
  'AE AF AL AM AO AR AT AU AZ BA BD BE BG BH BR BY CA CH CI CL CM CO CR CU CY CZ DE DK DO DZ EC EE EG ES ET FI FR GB GE GH GR HR HU ID IE IL IN IQ IR IS IT JO JP KE KG KH KP KR KW KZ LA LB LK LT LU LV LY MA MD MG MM MN MT MU MV MX MY MZ NG NI NL NO NP NZ OM PA PE PH PK PL PT QA RO RS RU SA SD SE SG SI SK SN SY TH TJ TM TN TR TT TZ UA UG US UY UZ VE VN YE ZA ZM ZW';

/** A code without the zeros that only fill it up: what codes of areas within it begin with. */
function stem(code: string): string {
  const length = LEVELS.find((length) => /^0*$/.test(code.slice(length))) ?? code.length;
  return code.slice(0, length);
}

export function lies(within: string, code: string): boolean {
  return code.startsWith(stem(within));
}

export function isAbroad(from: string | undefined): boolean {
  return from !== undefined && /^[A-Z]{2}$/.test(from) && from !== 'CN';
}

interface Origin {
  code: string;
  risk: string;
  /** Whether the policy lists it. Kits fetched before lack it. */
  listed?: boolean;
}

/**
 * What coming from an area means: whatever the policy lists goes before a level, and of either the
 * narrowest counts.
 */
export function riskOf(origins: Origin[], from: string | undefined): string {
  if (!from || isAbroad(from)) return 'unknown';
  const here = origins.filter(({ code }) => lies(code, from));
  const narrowest = (some: Origin[]): Origin | undefined =>
    some.sort((a, b) => stem(b.code).length - stem(a.code).length)[0];
  return (narrowest(here.filter(({ listed }) => listed)) ?? narrowest(here))?.risk ?? 'unknown';
}

/** Countries under the names of the language in use. */
export function countries(): Named[] {
  const names = new Intl.DisplayNames(prefs.lang === 'zh' ? 'zh-CN' : 'en', { type: 'region' });
  return COUNTRIES.split(' ').map((code) => ({ code, name: names.of(code) ?? code }));
}

function keysOf({ code, name, name_en }: Named): string[] {
  const names = typeof name === 'string' ? [name, name_en ?? ''] : [name.en, name.zh];
  return [...names.map((each) => each.toLowerCase()), code];
}

/** Those whose name or code begins or goes with what is typed. */
export function matching<T extends Named>(areas: T[], typed: string): T[] {
  const wanted = typed.trim().toLowerCase();
  const told = areas.map((area) => ({ area, keys: keysOf(area) }));
  const first = told.filter(({ keys }) => keys.some((key) => key.startsWith(wanted)));
  const then = told.filter((each) => !first.includes(each) && each.keys.some((key) => key.includes(wanted)));
  return [...first, ...then].map(({ area }) => area);
}

/** Each area once, though two lists name it. */
export function once<T extends Named>(areas: T[]): T[] {
  return [...new Map(areas.map((area) => [area.code, area])).values()];
}
