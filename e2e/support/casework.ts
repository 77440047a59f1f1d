import { somebody, ulid } from './entry';
import { loginOf } from './demo';
import { csrf, expect, type Page } from './test';

const DAY_MS = 86_400_000;

/** A day before today, in the place where the demo stands. */
export const daysAgo = (days: number): string =>
  new Date(Date.now() + 8 * 3_600_000 - days * DAY_MS).toISOString().slice(0, 10);

export const home = (): string => loginOf('epidemiologist').area.code;

async function post<T>(page: Page, path: string, data: unknown): Promise<T> {
  const sent = await page.request.post(path, { headers: await csrf(page), data });
  const text = await sent.text();
  expect(sent.ok(), text).toBe(true);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** A case of somebody whom no other record names. */
export async function reported(page: Page, details: object = {}, who: object = {}): Promise<string> {
  const data = {
    id: ulid(),
    area: home(),
    given: somebody(),
    ...who,
    details: { classification: 'confirmed', onset: daysAgo(3), ...details },
  };
  return (await post<{ case: string }>(page, '/api/cases', data)).case;
}

/** A contact of a case, named in its interview. */
export async function named(page: Page, of: string, more: object = {}): Promise<string> {
  const contact = {
    id: ulid(),
    given: somebody(),
    area: home(),
    channel: 'interview',
    met: daysAgo(1),
    setting: 'household',
    same_room: true,
    ...more,
  };
  const [answer] = await post<{ contact: string; result: string; refusal?: unknown }[]>(
    page,
    `/api/cases/${of}/contacts`,
    [contact],
  );
  expect(answer?.refusal).toBeUndefined();
  return answer!.contact;
}
