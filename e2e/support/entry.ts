import { loginOf } from './demo';
import { csrf, expect, pageOf, type Page } from './test';
import type { Browser } from '@playwright/test';

/** What is written down in the field, as the pages send it. */
export interface Answer {
  id: string;
  result: 'taken' | 'repeated' | 'refused';
  refusal?: { code: string; field?: string; message: { en: string; zh: string } };
  entrant?: string;
  decision?: { triage?: string; watch?: string; rule: string; until?: string };
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SURNAMES = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许';
const GIVEN = '安邦承达恩芳光海佳凯兰铭宁鹏青荣书天维霞轩雅泽卓';

const from = (letters: string): string => letters[Math.floor(Math.random() * letters.length)]!;
const some = (letters: string, many: number): string =>
  Array.from({ length: many }, () => from(letters)).join('');

export function ulid(): string {
  let time = '';
  for (let rest = Date.now(), at = 0; at < 10; at++) {
    time = ALPHABET[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  return time + some(ALPHABET, 16);
}

/** Somebody whom no other record names. */
export const somebody = () => ({
  name: from(SURNAMES) + some(GIVEN, 2),
  phone: `139${some('0123456789', 8)}`,
});

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

export const journey = (more: object = {}) => ({
  journey: { mode: 'rail', number: `G${some('123456789', 4)}`, from: '420100' },
  arrival: ago(30),
  destination: 'here',
  ...more,
});

export async function tell(page: Page, what: object, id = ulid()): Promise<Answer> {
  const data = { entries: [{ id, at: new Date().toISOString(), what }] };
  const sent = await page.request.post('/api/field', { headers: await csrf(page), data });
  expect(sent.status(), await sent.text()).toBe(200);
  const { answers } = (await sent.json()) as { answers: Answer[] };
  return answers[0]!;
}

export async function taken(page: Page, what: object): Promise<Answer> {
  const answer = await tell(page, what);
  expect(answer.refusal).toBeUndefined();
  return answer;
}

/** The two at either end of a hand-over, each with a page of their own. */
export interface Ends {
  gate: Page;
  officer: Page;
  county: string;
}

export async function ends(browser: Browser): Promise<Ends> {
  const officer = await pageOf(browser, 'area_officer');
  const gate = await pageOf(browser, 'checkpoint_staff');
  return { gate, officer, county: loginOf('area_officer').area.code };
}

/** A checkpoint of one's own, so that tests do not meet in one. */
export async function checkpoint({ officer, county }: Ends): Promise<string> {
  const name = `测试卡口${some('0123456789', 6)}`;
  const what = { kind: 'checkpoint', area: county, place: 'road', name, lanes: 3, open: true };
  return (await taken(officer, what)).id;
}

export interface Checked {
  entrant: string;
  triage: string | undefined;
}

/** Somebody from a severe area whom a gate has seen; at home where there is a home and need of care. */
export async function checked(at: Ends, gate: string, home = false): Promise<Checked> {
  const coming = journey({
    bound_for: at.county,
    circumstances: { pregnant: false, needs_care: home, home_suitable: home },
  });
  const what = {
    kind: 'check_in',
    checkpoint: gate,
    person: somebody(),
    coming,
    temperature: 36.5,
    pass: 'none',
    seconds: 20,
  };
  const answer = await taken(at.gate, what);
  return { entrant: answer.entrant ?? answer.id, triage: answer.decision?.triage };
}

/** A site with one room of so many beds. */
export async function site({ officer, county }: Ends, beds = 2): Promise<string> {
  const name = `测试隔离点${some('0123456789', 6)}`;
  const rooms = [{ room: '301', beds }];
  return (await taken(officer, { kind: 'site', area: county, name, rooms, open: true })).id;
}

/** Sent by the gate, and not received yet. */
export async function sent(at: Ends, entrants: string[], to: object): Promise<string> {
  const expected = new Date(Date.now() + 2 * 3_600_000).toISOString();
  const what = { kind: 'send', entrants, area: at.county, vehicle: '浙D12345', expected, ...to };
  return (await taken(at.gate, what)).id;
}

/** Received by the officer: to be placed. */
export async function received(at: Ends, entrants: string[], to: object): Promise<string> {
  const handover = await sent(at, entrants, to);
  await taken(at.officer, { kind: 'receive', handover, entrants });
  return handover;
}

/** Nothing stands out over the window's edge. */
export async function expectFits(page: Page): Promise<void> {
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
}
