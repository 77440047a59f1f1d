import { round } from '../support/field-data';
import { common, expect, test, type Page } from '../support/field-page';
import work from '../../web/field/round/work.en';
import en from '../../web/field/round/words.en';

const say = en.round;
const done = work.work;

const strip = (page: Page) => page.locator('[data-strip]');

test('a normal check is at most three taps, also without a network', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/round');
  const open = round.people.filter(({ due, missing }) => due.length > 0 || missing).length;
  const finished = round.people.length - open;
  await expect(page.locator('[data-progress]')).toHaveText(say.progress(finished, round.people.length));
  await expect(page.locator('[data-list="people"] button')).toHaveCount(open);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await page.evaluate(() => {
    const counted = window as unknown as { taps: number };
    counted.taps = 0;
    addEventListener('click', () => (counted.taps += 1), { capture: true });
  });
  await page.getByRole('button', { name: /^1-1-101/ }).click();
  await page.locator('[data-value="36.5"]').click();
  await expect(page.locator('[data-progress]')).toHaveText(say.progress(finished + 1, round.people.length));
  expect(await page.evaluate(() => (window as unknown as { taps: number }).taps)).toBeLessThanOrEqual(3);
  await expect(strip(page)).toHaveText(common.en.strip.offlineWaiting(1));

  // What was done stays done after the page is opened again, before the server knows.
  await page.reload();
  await expect(page.locator('[data-progress]')).toHaveText(say.progress(finished + 1, round.people.length));
  await page.context().setOffline(false);
  await expect.poll(() => server.came.length, { timeout: 15_000 }).toBe(1);
  expect(server.came[0]!.what).toEqual({
    kind: 'check',
    order: round.people[0]!.order,
    temperature: 36.5,
    symptoms: [],
    by: 'staff',
  });
});

test('a tap can be taken back', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/round');
  await page.getByRole('button', { name: /^1-1-101/ }).click();
  await page.getByRole('button', { name: done.absent }).click();
  await expect(page.locator('[data-list="people"] .tag.bad')).toHaveCount(2);
  await page.getByRole('button', { name: common.en.undo }).click();
  await expect(page.locator('[data-list="people"] .tag.bad')).toHaveCount(1);
  await expect(strip(page)).toHaveText(common.en.strip.allSent);
  expect(server.came).toHaveLength(0);
});

test('sample, release, a need, and who is back', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/round');
  await page.getByRole('button', { name: /^3-1-101/ }).click();
  await page.getByRole('button', { name: done.sample }).click();
  await page.getByRole('button', { name: /^4-1-101/ }).click();
  await page.getByRole('button', { name: done.release, exact: true }).click();
  await page.getByRole('button', { name: /^5-1-101/ }).click();
  await page.getByRole('button', { name: done.back }).click();
  await page.getByRole('button', { name: /^7-1-101/ }).click();
  await page.getByRole('button', { name: done.need }).click();
  await page.getByText(work.needs.kinds.medicine!).click();
  await page.getByRole('button', { name: done.needSend }).click();
  await expect
    .poll(() => server.came.map(({ what }) => what.kind), { timeout: 15_000 })
    .toEqual(['sample', 'release', 'back', 'needs']);
});

test('no household missed: a visit with one tap, a number, a new door, and somebody new', async ({
  phone,
  server,
}) => {
  const page = await phone();
  await page.goto('/round');
  await page.getByRole('button', { name: say.doors }).click();
  await expect(page.locator('[data-coverage]')).toHaveText(say.coverage(3, 8));
  await page.getByRole('button', { name: /^4-1-101/ }).click();
  await page.getByRole('button', { name: say.visit(3) }).click();
  await expect(page.locator('[data-coverage]')).toHaveText(say.coverage(4, 8));
  await page.getByRole('button', { name: /^5-1-101/ }).click();
  await page.getByRole('button', { name: say.nobodyHome }).click();

  await page.getByRole('button', { name: say.newDoor }).click();
  await page.getByLabel(done.door).fill('9-1-101');
  await page.getByText(done.dwellings.dormitory!, { exact: true }).click();
  await page.getByRole('button', { name: done.save }).click();

  await page.getByRole('button', { name: /^6-1-101/ }).click();
  await page.getByRole('button', { name: say.arrival }).click();
  await page.getByLabel(work.more.person.name).fill('钱多多');
  await page.getByLabel(done.from).fill('武汉');
  await page.getByRole('button', { name: 'Wuhan' }).click();
  await page.getByRole('button', { name: done.save }).click();

  await expect.poll(() => server.came.length, { timeout: 15_000 }).toBe(5);
  const by = (kind: string) => server.came.filter(({ what }) => what.kind === kind);
  const [door] = by('household');
  expect(door!.what).toMatchObject({ door: '9-1-101', dwelling: 'dormitory', people: 1, walk: 9 });
  expect(by('visit').map(({ what }) => what.household)).toContain(door!.id);
  expect(by('visit').map(({ what }) => what.people)).toContain(0);
  expect(by('notice')[0]!.what).toMatchObject({
    source: 'canvass',
    arrived: true,
    household: round.households[5]!.household,
    coming: { journey: { from: '420100' }, bound_for: round.area.code },
  });
});
