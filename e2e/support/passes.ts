import { ulid } from './entry';
import { csrf, expect, pageOf, type Page } from './test';
import type { Browser } from '@playwright/test';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const SURNAMES = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许';
const GIVEN = '安邦承达恩芳光海佳凯兰铭宁鹏青荣书天维霞轩雅泽卓';

const from = (letters: string): string => letters[Math.floor(Math.random() * letters.length)]!;

/** A resident identity number of somebody born in 1990, valid. */
export function card(): string {
  const day = String(1 + Math.floor(Math.random() * 28)).padStart(2, '0');
  const order = String(Math.floor(Math.random() * 1000)).padStart(3, '0');
  const first = `99010119900${1 + Math.floor(Math.random() * 9)}${day}${order}`;
  const sum = WEIGHTS.reduce((all, weight, at) => all + weight * Number(first[at]), 0);
  return first + '10X98765432'[sum % 11]!;
}

export interface Asker {
  name: string;
  document: string;
}

export const asker = (): Asker => ({ name: from(SURNAMES) + from(GIVEN) + from(GIVEN), document: card() });

export async function post<T>(page: Page, path: string, data: unknown): Promise<T> {
  const sent = await page.request.post(path, { headers: await csrf(page), data });
  const text = await sent.text();
  expect(sent.ok(), text).toBe(true);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** Somebody asks for a pass on a phone: the code. */
export async function askedFor(page: Page, who: Asker, area: string): Promise<string> {
  const data = { id: ulid(), given: who, area };
  return (await post<{ code: string }>(page, '/api/pass/ask', data)).code;
}

/** Somebody with a pass on a phone. */
export async function holding(browser: Browser, area: string): Promise<Asker & { code: string }> {
  const officer = await pageOf(browser, 'area_officer');
  const who = asker();
  const code = await askedFor(officer, who, area);
  await post(officer, '/api/passes/confirm', { code });
  return { ...who, code };
}
