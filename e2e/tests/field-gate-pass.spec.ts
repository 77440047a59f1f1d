import { deflateSync } from 'node:zlib';

import { encode as base45 } from 'base45';

import flow from '../../web/field/gate/flow.en';
import flowZh from '../../web/field/gate/flow.zh';
import en from '../../web/field/gate/words.en';
import type { FieldServer } from '../support/field-server';
import { common, expect, test, type Page } from '../support/field-page';
import { code, Issuer } from '../support/pass-codes';

const w = flow.shown;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CHECKPOINT = '01ARZ3NDEKTSV4RRFFQ69G5FA1';

const answer = (page: Page) => page.locator('[data-answer]');
const strip = (page: Page) => page.locator('[data-strip]');

/** At a checkpoint, with the list of keys on the phone, where passes are shown. */
async function atGate(page: Page): Promise<void> {
  const keys = page.waitForResponse('**/api/pass-keys');
  await page.goto('/gate');
  await page.locator('main .choice').first().click();
  await keys;
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.getByRole('button', { name: en.gate.pass, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: w.title })).toBeVisible();
}

/** As a hand scanner does: letters, then Enter. */
async function typed(page: Page, text: string): Promise<void> {
  await page.locator('#typed').fill(text);
  await page.locator('#typed').press('Enter');
  await expect(answer(page)).toBeVisible();
}

/** Issuers: our own with a key in use, one that was revoked and one not in use yet; a neighbour; and a stranger. */
function issuers(server: FieldServer) {
  const [own, stolen, coming, retired] = Array.from({ length: 4 }, () => new Issuer());
  const neighbour = new Issuer('330100');
  const at = (ahead: number): string => new Date(Date.now() + ahead).toISOString();
  server.keys = [
    own!.listed(),
    stolen!.listed({ revoked_at: at(-HOUR) }),
    coming!.listed({ valid_from: at(HOUR) }),
    retired!.listed({ valid_until: at(-HOUR) }),
    neighbour.listed({ own: false }),
  ];
  return { own: own!, stolen: stolen!, coming: coming!, retired: retired!, neighbour };
}

for (const colour of ['green', 'yellow', 'red'] as const) {
  test(`without a line a ${colour} pass is verified, with its word and shape, and its visit waits`, async ({
    phone,
    server,
  }) => {
    const { own } = issuers(server);
    const page = await phone();
    await atGate(page);
    await page.context().setOffline(true);
    await typed(page, own.pass({ colour }));
    await expect(answer(page)).toHaveAttribute('data-answer', colour);
    await expect(answer(page)).toHaveAttribute('data-by', 'phone');
    await expect(answer(page).locator('[data-shape]')).toHaveAttribute('data-shape', colour);
    await expect(answer(page).getByRole('heading', { level: 1, name: colour })).toBeVisible();
    await expect(answer(page)).toContainText('*明');
    await expect(answer(page)).toContainText('002X');
    await expect(page.locator('[data-visit="waits"]')).toBeVisible();
    await expect(strip(page)).toHaveText(common.en.strip.offlineWaiting(1));
    expect(server.scans).toEqual([]);
  });
}

const altered = (message: Buffer, at: number): Buffer => {
  const changed = Buffer.from(message);
  changed[changed.length + at]! ^= 1;
  return changed;
};

type Made = (these: ReturnType<typeof issuers>) => string;
const HARMFUL: Record<string, Made> = {
  not_a_pass: () => 'HC1:6BFOXN%TS3DH',
  malformed: ({ own }) => own.pass().slice(0, -9),
  oversized: ({ own }) => own.pass().padEnd(1_025, '0'),
  bomb: () => `LF1:${base45(deflateSync(Buffer.alloc(200_000)))}`,
  forged: ({ own }) => {
    // Another's signature under our key's id, over what it never signed: a red pass that says green.
    const red = own.message({ colour: 'red' }, (payload) => {
      const changed = Buffer.from(payload);
      const place = changed.lastIndexOf(Buffer.from([1, 2, 2]));
      changed[place + 1] = 0;
      return changed;
    });
    return code(red);
  },
  'forged, by a byte of its signature': ({ own }) => code(altered(own.message(), -1)),
  unknown_issuer: () => new Issuer('420100').pass(),
  unknown_key: () => new Issuer().pass(),
  wrong_issuer: ({ neighbour }) => neighbour.pass({ issuer: '330300' }),
  revoked: ({ stolen }) => stolen.pass(),
  key_out_of_use: ({ retired }) => retired.pass(),
  'key_out_of_use, before its first day': ({ coming }) => coming.pass(),
  validity_too_long: ({ own }) => own.pass({ until: 25 * 60 }),
  not_yet_valid: ({ own }) => own.pass({ from: 5 }),
  expired: ({ own }) => own.pass({ from: -60, until: -1 }),
};

for (const [name, make] of Object.entries(HARMFUL)) {
  test(`without a line it is refused: ${name}`, async ({ phone, server }) => {
    const these = issuers(server);
    const page = await phone();
    await atGate(page);
    await page.context().setOffline(true);
    await typed(page, make(these));
    const reason = name.split(',')[0]!;
    await expect(answer(page)).toHaveAttribute('data-answer', 'refused');
    await expect(answer(page)).toHaveAttribute('data-reason', reason);
    await expect(answer(page)).toContainText(w.reasons[reason]!);
    await expect(answer(page).locator('[data-shape="refused"]')).toBeVisible();
    await page.getByRole('button', { name: common.en.language }).click();
    await expect(answer(page)).toContainText(flowZh.shown.reasons[reason]!);
    await expect(page.locator('[data-visit]')).toHaveCount(0);
    await expect(strip(page)).toHaveText(common.zh.strip.offline);
  });
}

test('every reason has its words', () => {
  const reasons = Object.keys(HARMFUL).map((name) => name.split(',')[0]!);
  for (const reason of reasons) expect(Object.keys(w.reasons)).toContain(reason);
  expect(Object.keys(flowZh.shown.reasons)).toEqual(Object.keys(w.reasons));
});

test('any byte of a pass that is altered is seen', async ({ phone, server }) => {
  const { own } = issuers(server);
  const page = await phone();
  await atGate(page);
  await page.context().setOffline(true);
  const message = own.message();
  for (let at = 3; at < message.length; at += 11) {
    await typed(page, code(altered(message, at - message.length)));
    await expect(answer(page)).toHaveAttribute('data-answer', 'refused');
  }
  await typed(page, code(message));
  await expect(answer(page)).toHaveAttribute('data-answer', 'green');
});

test('a neighbour’s pass is verified, and said to be one', async ({ phone, server }) => {
  const { neighbour } = issuers(server);
  const page = await phone();
  await atGate(page);
  await page.context().setOffline(true);
  await typed(page, neighbour.pass({ colour: 'yellow' }));
  await expect(answer(page)).toHaveAttribute('data-answer', 'yellow');
  await expect(page.getByText(w.neighbour)).toBeVisible();
  await expect(page.getByText('Hangzhou')).toBeVisible();
  await expect(strip(page)).toHaveText(common.en.strip.offline);
  // The check knows that it is a neighbour's: the rules may tell it from one of ours.
  await page.getByRole('button', { name: w.goOn }).click();
  await page.locator('#name').fill('王小明');
  await page.locator('form .primary').click();
  await page.locator('form .primary').click();
  for (const digit of '365') await page.keyboard.press(digit);
  await expect(page.locator('[data-outcome]')).toBeVisible();
  await page.context().setOffline(false);
  await expect(strip(page)).toHaveText(common.en.strip.allSent, { timeout: 20_000 });
  expect(server.came.map(({ what }) => what)).toMatchObject([{ pass: 'yellow', neighbour_pass: true }]);
});

test('a neighbour may sign with EdDSA; a phone that knows it not says so', async ({ phone, server }) => {
  const neighbour = new Issuer('330100', 'EdDSA');
  server.keys = [neighbour.listed({ own: false })];
  const page = await phone();
  await atGate(page);
  await page.context().setOffline(true);
  const known = await page.evaluate(() =>
    crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']).then(
      () => true,
      () => false,
    ),
  );
  const message = neighbour.message({ colour: 'yellow' });
  await typed(page, code(message));
  if (!known) {
    await expect(answer(page)).toHaveAttribute('data-answer', 'refused');
    await expect(page.getByText(w.reasons['unsupported']!)).toBeVisible();
    return;
  }
  await expect(answer(page)).toHaveAttribute('data-answer', 'yellow');
  await expect(page.getByText(w.neighbour)).toBeVisible();
  await typed(page, code(altered(message, -1)));
  await expect(answer(page)).toHaveAttribute('data-answer', 'refused');
});

test('with a line the server’s answer holds, whatever the code says', async ({ phone, server }) => {
  const { own } = issuers(server);
  const page = await phone();
  await atGate(page);
  server.scanned = () => ({ result: 'valid', colour: 'red', taken: true });
  const pass = own.pass();
  await typed(page, pass);
  await expect(answer(page)).toHaveAttribute('data-answer', 'red');
  await expect(answer(page)).toHaveAttribute('data-by', 'server');
  await expect(page.locator('[data-visit="written"]')).toBeVisible();
  expect(server.scans).toMatchObject([{ code: pass, place: CHECKPOINT }]);

  server.scanned = () => ({ result: 'replayed', reason: 'replayed', taken: false });
  await typed(page, own.pass());
  await expect(answer(page)).toHaveAttribute('data-answer', 'refused');
  await expect(answer(page)).toContainText(w.reasons.replayed!);

  server.scanned = () => ({ result: 'no_visit', reason: 'place', colour: 'green', taken: false });
  await typed(page, own.pass());
  await expect(answer(page)).toHaveAttribute('data-answer', 'green');
  await expect(page.locator('[data-visit="not_taken"]')).toContainText(w.reasons.place!);
  // What is no pass is not asked about.
  const asked = server.scans.length;
  await typed(page, 'HC1:6BFOXN');
  expect(server.scans).toHaveLength(asked);
  await expect(strip(page)).toHaveText(common.en.strip.allSent);
});

test('an overloaded server is left alone: the phone answers, and sends the scan with others later', async ({
  phone,
  server,
}) => {
  const { own } = issuers(server);
  const page = await phone();
  await atGate(page);
  server.overloaded = true;
  const pass = own.pass();
  await typed(page, pass);
  await expect(answer(page)).toHaveAttribute('data-by', 'phone');
  await expect(answer(page)).toHaveAttribute('data-answer', 'green');
  await expect(strip(page)).toHaveText(common.en.strip.allSent);
  expect(server.scans).toMatchObject([{ code: pass, place: CHECKPOINT }]);
});

test('what was scanned without a line is sent together, and an answer that is lost loses nothing', async ({
  phone,
  server,
}) => {
  const { own } = issuers(server);
  const page = await phone();
  await atGate(page);
  await page.context().setOffline(true);
  const passes = [own.pass(), own.pass(), own.pass()];
  for (const pass of passes) await typed(page, pass);
  await expect(strip(page)).toHaveText(common.en.strip.offlineWaiting(3));
  await page.reload();
  await expect(strip(page)).toHaveText(common.en.strip.offlineWaiting(3));
  server.loseAnswers = 1;
  await page.context().setOffline(false);
  await expect(strip(page)).toHaveText(common.en.strip.allSent, { timeout: 20_000 });
  // The same again, with the same moments: it counts once.
  const [first, second] = [server.scans.slice(0, 3), server.scans.slice(3)];
  expect(server.scanBatches).toEqual([3, 3]);
  expect(second).toEqual(first);
  expect(first.map((scan) => scan.code)).toEqual(passes);
  for (const { at, place } of first) {
    expect(place).toBe(CHECKPOINT);
    expect(Math.abs(Date.parse(at!) - Date.now())).toBeLessThan(10 * MINUTE);
  }
});

test('where the server knows more than the phone did, the gate is told', async ({ phone, server }) => {
  const { own } = issuers(server);
  const page = await phone();
  await atGate(page);
  await page.context().setOffline(true);
  await typed(page, own.pass());
  server.scanned = () => ({ result: 'valid', colour: 'red', taken: true });
  await page.context().setOffline(false);
  await expect(page.locator('[data-strip="look"]')).toBeVisible({ timeout: 20_000 });
  await strip(page).click();
  await expect(page.getByText('The pass is red now.')).toBeVisible();
  await page.getByRole('button', { name: flow.more.outbox.seen }).click();
  await expect(strip(page)).toHaveText(common.en.strip.allSent);
});

test('an old list of keys is warned of, and without any nothing is verified', async ({ phone, server }) => {
  const { own } = issuers(server);
  const page = await phone();
  await page.clock.install();
  await atGate(page);
  await page.context().setOffline(true);
  await typed(page, own.pass());
  await expect(page.locator('[data-list="old"]')).toHaveCount(0);
  await page.clock.setSystemTime(Date.now() + 25 * HOUR);
  await typed(page, own.pass({ from: 24 * 60 }));
  await expect(answer(page)).toHaveAttribute('data-answer', 'green');
  await expect(page.locator('[data-list="old"]')).toHaveText(w.listOld(24));

  const other = await phone();
  await other.route('**/api/pass-keys', (route) => route.abort());
  await other.goto('/gate');
  await other.locator('main .choice').first().click();
  await other.getByRole('button', { name: en.gate.pass, exact: true }).click();
  await expect(other.locator('[data-list="none"]')).toBeVisible();
  await other.context().setOffline(true);
  await typed(other, own.pass());
  await expect(answer(other)).toHaveAttribute('data-reason', 'no_list');
});

test('a phone whose clock is wrong goes by the server’s', async ({ phone, server }) => {
  const { own } = issuers(server);
  const page = await phone();
  await page.clock.install({ time: Date.now() - 3 * HOUR });
  await atGate(page);
  await page.context().setOffline(true);
  await typed(page, own.pass());
  await expect(answer(page)).toHaveAttribute('data-answer', 'green');
  await typed(page, own.pass({ from: -120, until: -30 }));
  await expect(answer(page)).toHaveAttribute('data-reason', 'expired');
});

test('a hand scanner types wherever one is, and the list takes a pass too', async ({ phone, server }) => {
  const { own } = issuers(server);
  const page = await phone();
  await atGate(page);
  await page.context().setOffline(true);
  for (const colour of ['yellow', 'green'] as const) {
    await page.keyboard.type(own.pass({ colour }));
    await page.keyboard.press('Enter');
    await expect(answer(page)).toHaveAttribute('data-answer', colour);
  }
  await page.getByRole('button', { name: w.check }).click();
  await expect(page.getByRole('alert')).toHaveText(w.empty);
  await page.getByRole('button', { name: w.back }).click();
  await page.getByRole('searchbox').fill(own.pass({ colour: 'red' }));
  await page.getByRole('searchbox').press('Enter');
  await expect(answer(page)).toHaveAttribute('data-answer', 'red');
  // On to the check of this person, with the pass as it was shown.
  await page.getByRole('button', { name: w.goOn }).click();
  await page.locator('#name').fill('王小明');
  await page.locator('form .primary').click();
  await page.locator('form .primary').click();
  await expect(page.locator('.parts .button').nth(1)).toContainText(flow.flow.passes.red!);
});

test('the same pass shown again is said so: a picture goes from hand to hand', async ({ phone, server }) => {
  const { own } = issuers(server);
  const page = await phone();
  await atGate(page);
  await page.context().setOffline(true);
  const pass = own.pass();
  await typed(page, pass);
  await expect(page.getByText('shown to this phone')).toHaveCount(0);
  await typed(page, own.pass());
  await typed(page, pass);
  await expect(page.getByText('shown to this phone')).toBeVisible();
});
