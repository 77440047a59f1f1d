import { more } from '../../web/field/i18n/more.en';
import work from '../../web/field/round/work.en';
import { below, me, otherVillage, round } from '../support/field-data';
import { common, expect, test, type Page } from '../support/field-page';

const strip = (page: Page) => page.locator('[data-strip]');

async function open(page: Page): Promise<void> {
  await page.goto('/gate');
  await page.getByRole('button', { name: 'Rui’an exit' }).click();
  await page.locator('[data-list="expected"] button').first().click();
}

async function temperature(page: Page): Promise<void> {
  for (const digit of '365') await page.getByRole('button', { name: digit, exact: true }).click();
  await expect(page.locator('[data-outcome]')).toBeVisible();
}

async function checkedOffline(page: Page): Promise<void> {
  await open(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await temperature(page);
  await expect(strip(page)).toHaveText(common.en.strip.offlineWaiting(1));
}

async function signOut(page: Page): Promise<void> {
  await page.getByLabel(common.en.settings).click();
  await expect(page.getByText(more.signOut.as(me.name))).toBeVisible();
  await page.getByRole('button', { name: more.signOut.out }).click();
}

/** All that the phone keeps: names in its store, entries in its queue, names in its memory. */
const left = (page: Page): Promise<{ kept: string[]; queue: number; memory: string[] }> =>
  page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((answer) => (request.onsuccess = () => answer(request.result)));
    const database = await done(indexedDB.open('lianfang-field'));
    const store = (name: string): IDBObjectStore => database.transaction(name).objectStore(name);
    const kept = (await done(store('kept').getAllKeys())).map(String);
    const queue = await done(store('queue').count());
    database.close();
    return { kept, queue, memory: Object.keys(localStorage) };
  });

test('nobody signs out before what they wrote is sent; then the phone forgets all it was told', async ({
  phone,
  server,
}) => {
  const page = await phone();
  await open(page);
  // A server that is too busy for a while: only a tap sends before then.
  const busy = { status: 503, json: { code: 'busy', retry_after_seconds: 600 } };
  await page.context().route('**/api/field', (route) => route.fulfill(busy));
  await temperature(page);
  await signOut(page);
  await expect(page.getByText(more.signOut.unsent(1))).toBeVisible();
  expect((await left(page)).queue).toBe(1);
  expect(server.signedIn).toBe(true);

  await page.context().unroute('**/api/field');
  await page.getByRole('button', { name: more.outbox.sendNow }).click();
  await expect(page.getByText(more.signOut.unsent(1))).toBeHidden();
  await expect(strip(page)).toHaveText(common.en.strip.allSent);
  expect(server.ids.size).toBe(1);
  expect(server.signedIn).toBe(true);

  await page.getByRole('button', { name: more.signOut.out }).click();
  await expect(page.getByLabel(more.signIn.password)).toBeVisible();
  expect(server.signedIn).toBe(false);
  expect(await left(page)).toEqual({ kept: [], queue: 0, memory: ['lianfang.lang'] });
});

test('signing out needs the server to know of it', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/round');
  await expect(page.locator('[data-list="people"]')).toBeVisible();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await signOut(page);
  await expect(page.getByText(more.signOut.offline)).toBeVisible();
  expect((await left(page)).kept).not.toEqual([]);
  expect(server.signedIn).toBe(true);
});

test('an entry that was refused is looked at before its writer leaves', async ({ phone, server }) => {
  server.refuse = () => ({ code: 'x', message: { en: 'Look at the temperature.', zh: '请核对体温。' } });
  const page = await phone();
  await checkedOffline(page);
  await page.context().setOffline(false);
  await expect(strip(page)).toHaveText(common.en.strip.refused(1));
  await signOut(page);
  await expect(page.getByText(more.signOut.unseen(1))).toBeVisible();
  await expect(page.getByRole('button', { name: more.outbox.sendNow })).toHaveCount(0);
  expect(server.signedIn).toBe(true);
});

test('what another left on the phone stays there when somebody else signs out', async ({ phone, server }) => {
  const page = await phone();
  await checkedOffline(page);
  const other = { ...me, login: 'gate.two', csrf: 'their-token' };
  server.me = other;
  // The page itself learns of it only when it sends.
  await page.context().setOffline(false);
  await expect(strip(page)).toHaveText(common.en.strip.others(1, me.login));
  await signOut(page);
  await expect(page.getByLabel(more.signIn.password)).toBeVisible();
  const { kept, queue } = await left(page);
  expect(kept).toEqual([]);
  expect(queue).toBe(1);
  expect(server.came).toHaveLength(0);
});

test('a phone that forgot who is signed in sends once the server says so', async ({ phone, server }) => {
  const page = await phone();
  await checkedOffline(page);
  await page.evaluate(() => localStorage.removeItem('lianfang.field.me'));
  await page.context().route('**/api/session', async (route) => {
    await new Promise((done) => setTimeout(done, 1500));
    await route.continue();
  });
  await page.context().route('**/api/field', (route) => route.abort());
  await page.context().setOffline(false);
  await page.reload();
  await page.context().unroute('**/api/field');
  await expect(strip(page)).toHaveText(common.en.strip.allSent);
  expect(server.ids.size).toBe(1);
});

test('who works in several areas says where they walk, once', async ({ phone, server }) => {
  const worker = (area: object) => ({ role: 'grid_worker', area });
  server.me = {
    ...me,
    grants: [worker(below[0]!), worker(otherVillage), worker(otherVillage)] as typeof me.grants,
  };
  const page = await phone();
  await page.goto('/round');
  await expect(page.locator('[data-list="areas"] .choice')).toHaveText(['East gate', 'South gate']);
  await page.getByRole('button', { name: 'South gate', exact: true }).click();
  await expect(page.locator('[data-list="people"]')).toBeVisible();
  expect(server.paths.filter((path) => path.startsWith('/api/round'))).toEqual([
    `/api/round?area=${otherVillage.code}`,
  ]);

  await page.reload();
  await expect(page.getByText('South gate')).toBeVisible();
  await page.getByRole('button', { name: common.en.change }).click();
  await page.getByRole('button', { name: 'East gate', exact: true }).click();
  await expect(page.getByText('East gate')).toBeVisible();

  // Each area's list is on the phone: one may go back to it without a network.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await page.getByRole('button', { name: common.en.change }).click();
  await page.getByRole('button', { name: 'South gate', exact: true }).click();
  await expect(page.locator('[data-list="people"] button').first()).toBeVisible();
  await expect(page.getByText('South gate')).toBeVisible();
});

test('an area too large for one round leads to those within it', async ({ phone, server }) => {
  server.tooLarge = me.home.code;
  const page = await phone();
  await page.goto('/round');
  await expect(page.getByText('Take a community or a grid.')).toBeVisible();
  await expect(page.locator('[data-list="areas"] .choice')).toHaveText(['East gate', 'West gate']);
  await page.getByRole('button', { name: 'West gate', exact: true }).click();
  await expect(page.locator('[data-progress]')).toBeVisible();
  await expect(page.locator('[data-list="people"] button').first()).toContainText(round.people[0]!.door);

  await page.getByRole('button', { name: common.en.change }).click();
  await expect(page.getByRole('heading', { name: work.work.whichArea })).toBeVisible();
});
