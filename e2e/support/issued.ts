import { somebody, ulid } from './entry';
import { csrf, expect, type Page } from './test';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** An identity number that nobody has, with a right check digit. */
function card(area: string): string {
  const any = (many: number): string => String(Math.floor(Math.random() * 10 ** many)).padStart(many, '0');
  const first = `${area.slice(0, 6)}19${String(50 + Math.floor(Math.random() * 50))}0101${any(3)}`;
  const sum = [...first].reduce((total, digit, at) => total + Number(digit) * WEIGHTS[at]!, 0);
  return first + '10X98765432'[sum % 11]!;
}

export interface Holder {
  name: string;
  document: string;
  /** What opens their page. */
  code: string;
}

/** Somebody who stands before the staff with a document, and has a pass from then on. */
export async function registered(staff: Page, area: string): Promise<Holder> {
  const { name } = somebody();
  const document = card(area);
  const given = { name, document, document_kind: 'resident_id' };
  const data = { id: ulid(), area, given };
  const sent = await staff.request.post('/api/passes', { headers: await csrf(staff), data });
  expect(sent.ok(), await sent.text()).toBe(true);
  return { name, document, code: ((await sent.json()) as { code: string }).code };
}

interface Shown {
  text: string;
  colour: string;
  name: string;
  digits: string;
  issued_at: string;
  expires_at: string;
}

/** Their pass, issued anew. */
export async function issued(page: Page, code: string): Promise<Shown> {
  const sent = await page.request.post('/api/pass', { data: { code, show: true } });
  expect(sent.ok(), await sent.text()).toBe(true);
  return ((await sent.json()) as { pass: Shown }).pass;
}
