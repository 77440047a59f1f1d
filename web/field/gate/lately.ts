import type { Named } from '../lib/types';

const KEY = 'lianfang.gate.origins';
const MOST = 4;

/** Places chosen lately: a coach brings many from one. */
export function lately(): Named[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]') as Named[];
  } catch {
    return [];
  }
}

export function remember(area: Named): void {
  const { code, name, name_en = null } = area;
  const others = lately().filter((other) => other.code !== code);
  localStorage.setItem(KEY, JSON.stringify([{ code, name, name_en }, ...others].slice(0, MOST)));
}
