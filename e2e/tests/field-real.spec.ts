import { more } from '../../web/field/i18n/more.en';
import flow from '../../web/field/gate/flow.en';
import en from '../../web/field/gate/words.en';
import { demo, loginOf } from '../support/demo';
import { common, expect, Phone, test, type Page } from '../support/field-page';
import { signIn } from '../support/test';

const ENTRIES = 200;
const BY_HAND = 5;

const strip = (page: Page) => page.locator('[data-strip]');

/** How many the server knows of those who came in this vehicle: others use the same server meanwhile. */
async function known(page: Page, party: string): Promise<number> {
  const answer = await page.request.get(`/api/entrants?party=${party}&limit=1`);
  return ((await answer.json()) as { total: number }).total;
}

interface Sent {
  entries: { id: string; what: { coming: { party: string } } }[];
}

/** Somebody who is on no list, in the same vehicle as the one before. */
async function stranger(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: flow.flow.anotherInCar }).click();
  await page.getByLabel(more.person.name).fill(name);
  await page.getByRole('button', { name: common.en.next }).click();
  for (const digit of '365') await page.getByRole('button', { name: digit, exact: true }).click();
  await expect(page.locator('[data-outcome]')).toBeVisible();
}

/** The same again with an id of its own, as so many more vehicles would leave it. */
async function putMore(page: Page, many: number): Promise<void> {
  await page.evaluate(async (many) => {
    const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    const opened = await new Promise<IDBDatabase>((done) => {
      const request = indexedDB.open('lianfang-field');
      request.onsuccess = () => done(request.result);
    });
    const all = await new Promise<
      { place?: number; entry: { id: string; what: { person?: { name: string } } } }[]
    >((done) => {
      const request = opened.transaction('queue').objectStore('queue').getAll();
      request.onsuccess = () => done(request.result as never);
    });
    const store = opened.transaction('queue', 'readwrite').objectStore('queue');
    for (let at = 0; at < many; at++) {
      const row = structuredClone(all[all.length - 1]!);
      delete row.place;
      const random = crypto.getRandomValues(new Uint8Array(16));
      row.entry.id = row.entry.id.slice(0, 10) + Array.from(random, (byte) => letters[byte % 32]).join('');
      row.entry.what.person = { name: `第${at}人` };
      store.add(row);
    }
    await new Promise((done) => (store.transaction.oncomplete = done));
    opened.close();
  }, many);
}

test('the server itself has 200 entries once that were kept, killed, and sent twice', async () => {
  test.setTimeout(240_000);
  const phone = new Phone();
  try {
    let page = await phone.open(demo().address);
    await signIn(page.request, loginOf('checkpoint_staff'));
    await page.goto('/gate');
    await page.locator('main .choice').first().click();
    await page.getByRole('button', { name: en.gate.stranger }).click();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await phone.context.setOffline(true);

    await page.getByLabel(more.person.name).fill('王小明');
    await page.getByRole('button', { name: common.en.next }).click();
    await page.getByRole('button', { name: common.en.next }).click();
    for (const digit of '365') await page.getByRole('button', { name: digit, exact: true }).click();
    await expect(page.locator('[data-outcome]')).toBeVisible();
    for (let person = 1; person < BY_HAND; person++) await stranger(page, `李小${person}`);
    await expect(strip(page)).toHaveText(common.en.strip.offlineWaiting(BY_HAND));
    await putMore(page, ENTRIES - BY_HAND);
    await phone.kill();

    page = await phone.open(demo().address);
    await signIn(page.request, loginOf('checkpoint_staff'));
    // The server takes the first batch, and its answer is lost on the way.
    let lost = 0;
    let party = '';
    const ids = new Set<string>();
    await phone.context.route('**/api/field', async (route) => {
      const { entries } = route.request().postDataJSON() as Sent;
      entries.forEach(({ id }) => ids.add(id));
      party = entries[0]!.what.coming.party;
      const answer = await route.fetch();
      lost += 1;
      if (lost === 1) await route.abort();
      else await route.fulfill({ response: answer });
    });
    await page.goto('/gate');
    await expect(strip(page)).toHaveText(common.en.strip.allSent, { timeout: 90_000 });
    expect(lost).toBeGreaterThan(1);
    expect(ids.size).toBe(ENTRIES);
    expect(await known(page, party)).toBe(ENTRIES);
  } finally {
    await phone.kill();
    phone.throwAway();
  }
});

test('the real rules decide on the phone as the server does', async () => {
  test.setTimeout(120_000);
  const phone = new Phone();
  try {
    const page = await phone.open(demo().address);
    await signIn(page.request, loginOf('checkpoint_staff'));
    await page.goto('/gate');
    await page.locator('main .choice').first().click();
    const answered = page.waitForResponse('**/api/field');
    await page.getByRole('button', { name: en.gate.stranger }).click();
    await page.getByLabel(more.person.name).fill('赵一');
    await page.getByRole('button', { name: common.en.next }).click();
    await page.getByLabel(flow.flow.from).fill('Wuhan');
    await page.getByRole('button', { name: 'Wuhan' }).click();
    await page.getByRole('button', { name: common.en.next }).click();
    for (const digit of '365') await page.getByRole('button', { name: digit, exact: true }).click();
    const outcome = page.locator('[data-outcome]');
    // Whatever the rules ask before they decide is answered with no.
    const no = page.getByRole('button', { name: flow.flow.no, exact: true }).first();
    for (;;) {
      await expect(outcome.or(no).first()).toBeVisible();
      if ((await outcome.count()) > 0) break;
      await no.click();
    }
    const { answers } = (await (await answered).json()) as {
      answers: { result: string; decision: { triage: string; differs?: boolean } }[];
    };
    expect(answers[0]!.result).toBe('taken');
    expect(answers[0]!.decision.triage).toBe(await outcome.getAttribute('data-outcome'));
    expect(answers[0]!.decision.differs ?? false).toBe(false);
  } finally {
    await phone.kill();
    phone.throwAway();
  }
});
