import { more } from '../../web/field/i18n/more.en';
import { FieldServer } from '../support/field-server';
import { kit, me } from '../support/field-data';
import { common, expect, Phone, test, type Page } from '../support/field-page';

const ENTRIES = 200;

async function check(page: Page, digits = '365'): Promise<void> {
  await page.locator('[data-list="expected"] button').first().click();
  for (const digit of digits) await page.getByRole('button', { name: digit, exact: true }).click();
  await expect(page.locator('[data-outcome]')).toBeVisible();
}

const strip = (page: Page) => page.locator('[data-strip]');

test('200 entries without a network, the browser killed, sent twice: each is there once', async () => {
  test.setTimeout(180_000);
  const server = await new FieldServer().start();
  server.kit = {
    ...kit,
    expected: Array.from({ length: ENTRIES }, (_, at) => ({
      ...kit.expected[3]!,
      watch: 'none',
      entrant: `01ARZ3NDEKTSV4RRFFQ69H${String(at).padStart(4, '0')}`,
    })),
  };
  const port = Number(new URL(server.address).port);
  const phone = new Phone();
  try {
    let page = await phone.open(server.address);
    await page.goto('/gate');
    await page.getByRole('button', { name: 'Rui’an exit' }).click();
    await expect(page.locator('[data-list="expected"] button').first()).toBeVisible();
    // The worker keeps the page from now on.
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });

    await server.stop();
    await phone.context.setOffline(true);
    for (let entry = 0; entry < ENTRIES; entry++) {
      await check(page);
      await page.getByRole('button', { name: 'Next', exact: true }).click();
    }
    await expect(strip(page)).toHaveText(common.en.strip.offlineWaiting(ENTRIES));
    await phone.kill();

    // No network at all: the page opens from the phone, with its list and all that waits.
    page = await phone.open(server.address);
    await phone.context.setOffline(true);
    await page.goto('/gate');
    await expect(page.locator('[data-list="expected"] button').first()).toBeVisible();
    await expect(strip(page)).toContainText(String(ENTRIES));

    // The server takes the first batches, and its answers are lost: they are sent again.
    server.loseAnswers = 2;
    await server.start(port);
    await phone.context.setOffline(false);
    await expect(strip(page)).toHaveText(common.en.strip.allSent, { timeout: 60_000 });
    expect(server.ids.size).toBe(ENTRIES);
    expect(server.came.length).toBeGreaterThan(ENTRIES);
    expect(Math.max(...server.batches)).toBeLessThanOrEqual(200);
  } finally {
    await phone.kill();
    phone.throwAway();
    await server.stop();
  }
});

test('a refused entry stays until it is mended or dropped with a reason', async ({ phone, server }) => {
  server.refuse = ({ what }) =>
    what.temperature === 36.5
      ? {
          code: 'out_of_range',
          field: 'temperature',
          message: { en: 'Look at the temperature.', zh: '请核对体温。' },
        }
      : undefined;
  const page = await phone();
  await page.goto('/gate');
  await page.getByRole('button', { name: 'Rui’an exit' }).click();
  await check(page);
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await check(page);
  await expect(strip(page)).toHaveText(common.en.strip.refused(2));

  await page.reload();
  await strip(page).click();
  await expect(page.getByText('Look at the temperature.')).toHaveCount(2);
  const first = page.locator('[data-refused] > li').first();
  await first.getByRole('button', { name: more.outbox.mend }).click();
  await first.getByLabel(more.keypad.temperature).fill('36.6');
  await first.getByRole('button', { name: more.outbox.again }).click();
  await expect(strip(page)).toHaveText(common.en.strip.refused(1));
  await expect.poll(() => server.came.at(-1)!.what.temperature).toBe(36.6);

  const left = page.locator('[data-refused] > li').first();
  await left.getByRole('button', { name: more.outbox.drop }).click();
  await left.getByLabel(more.outbox.dropReason).fill('Checked twice');
  await left.getByRole('button', { name: more.outbox.dropNow }).click();
  await expect(strip(page)).toHaveText(common.en.strip.allSent);
});

test('a decision that the server knows better is shown until it is seen', async ({ phone, server }) => {
  server.decide = () => ({
    triage: 'site_quarantine',
    rule: 'site_contact',
    reason: { en: 'Close contact of a case.', zh: '密切接触者。' },
    pack: 'covid19-cn-2020 3',
    differs: true,
  });
  const page = await phone();
  await page.goto('/gate');
  await page.getByRole('button', { name: 'Rui’an exit' }).click();
  await check(page);
  await expect(strip(page)).toHaveText(common.en.strip.differs(1));
  await strip(page).click();
  await expect(page.getByText('Close contact of a case.')).toBeVisible();
  await page.getByRole('button', { name: more.outbox.seen }).click();
  await expect(strip(page)).toHaveText(common.en.strip.allSent);
});

test('who is signed out writes on, and sends after signing in', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/gate');
  await page.getByRole('button', { name: 'Rui’an exit' }).click();
  await expect(page.locator('[data-list="expected"] button').first()).toBeVisible();
  server.signedIn = false;
  await check(page);
  await expect(strip(page)).toHaveText(common.en.strip.signIn(1));
  await strip(page).click();
  await page.getByLabel(more.signIn.login).fill('gate.one');
  await page.getByLabel(more.signIn.password).fill('a password of theirs');
  await page.getByRole('button', { name: more.signIn.submit, exact: true }).click();
  await expect(strip(page)).toHaveText(common.en.strip.allSent);
  expect(server.ids.size).toBe(1);
});

test('what one wrote down is not sent under another’s name', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/gate');
  await page.getByRole('button', { name: 'Rui’an exit' }).click();
  await expect(page.locator('[data-list="expected"] button').first()).toBeVisible();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await check(page);
  await expect(strip(page)).toHaveText(common.en.strip.offlineWaiting(1));

  // Another one signs in on the same phone.
  const other = { ...me, login: 'gate.two' };
  await page.context().route('**/api/session', (route) => route.fulfill({ json: other }));
  await page.evaluate((known) => localStorage.setItem('lianfang.field.me', JSON.stringify(known)), other);
  await page.reload();
  await expect(strip(page)).toBeVisible();
  await page.context().setOffline(false);
  await expect(strip(page)).toHaveText(common.en.strip.others(1, me.login));
  expect(server.came).toHaveLength(0);
});
