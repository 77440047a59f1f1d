import form from '../../web/field/declare/form.en';
import declared from '../../web/field/declare/words.en';
import doing from '../../web/field/me/doing.en';
import mine from '../../web/field/me/words.en';
import verified from '../../web/field/verify/words.en';
import { CERTIFICATE, CODE, released, verdict } from '../support/field-data';
import { common, expect, test, type Page } from '../support/field-page';

const ask = form.form;

async function goOn(page: Page): Promise<void> {
  await page.getByRole('button', { name: ask.goOn }).click();
}

async function answerAll(page: Page): Promise<void> {
  await page.goto('/declare');
  await page.getByRole('button', { name: declared.declare.start }).click();
  await page.getByLabel(form.more.person.name).fill('王小明');
  await goOn(page);
  await page.getByLabel(form.more.person.document).fill('11010519491231002X');
  await goOn(page);
  await page.getByLabel(form.more.person.phone, { exact: true }).fill('13800138000');
  await goOn(page);
  await page.getByLabel(ask.from.label).fill('Germ');
  await page.getByRole('button', { name: 'Germany' }).click();
  await goOn(page);
  await page.getByText(form.journey.modes.air!, { exact: true }).click();
  await page.getByLabel(form.journey.number).fill('ca932');
  await goOn(page);
  await page.getByLabel(ask.arrival.time).fill('18:30');
  await goOn(page);
  await page.getByLabel(ask.stay.label).fill('East gate, 3-1-201');
  await goOn(page);
  await page.getByText(ask.circumstances.options.home_suitable!).click();
  await goOn(page);
}

test('an arrival is declared, one question a page, with a receipt', async ({ phone, server }) => {
  const page = await phone();
  await answerAll(page);
  await page.getByRole('button', { name: ask.review.change(ask.from.title) }).click();
  await goOn(page);
  await expect(page.getByRole('heading', { name: ask.review.title })).toBeVisible();
  await page.getByRole('button', { name: ask.review.send }).click();
  await expect(page.getByRole('heading', { name: ask.receipt.title })).toBeVisible();
  await expect(page.getByRole('img', { name: ask.receipt.qr })).toBeVisible();
  const [entry] = server.came;
  await expect(page.locator('[data-code]')).toHaveAttribute('data-code', `${entry!.id}.7KQ2M9XT`);
  expect(entry!.what).toMatchObject({
    kind: 'notice',
    source: 'declared',
    person: { name: '王小明', document: '11010519491231002X', phone: '13800138000' },
    coming: {
      journey: { mode: 'air', number: 'CA932', from: 'DE' },
      destination: 'here',
      circumstances: { home_suitable: true, pregnant: false, needs_care: false },
    },
  });
});

test('what is wrong stands on top and leads to its field', async ({ phone }) => {
  const page = await phone();
  await page.goto('/declare');
  await page.getByRole('button', { name: declared.declare.start }).click();
  await goOn(page);
  const alert = page.getByRole('alert');
  await expect(alert).toBeFocused();
  await alert.getByRole('link', { name: ask.name.missing }).click();
  await expect(page.getByLabel(form.more.person.name)).toBeFocused();
  await page.goBack();
  await expect(page.getByRole('heading', { name: declared.declare.title })).toBeVisible();
});

test('a declaration without a network is kept, and its code comes later', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/declare');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await answerAll(page);
  await page.getByRole('button', { name: ask.review.send }).click();
  await expect(page.getByText(ask.receipt.pendingLead)).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: declared.declare.earlier }).click();
  await expect(page.getByText(ask.receipt.pendingLead)).toBeVisible();
  server.loseAnswers = 1;
  await page.context().setOffline(false);
  await expect(page.locator('[data-code]')).toBeVisible({ timeout: 20_000 });
  expect(server.ids.size).toBe(1);
});

test('the code opens one’s state and is never in an address', async ({ phone, server }) => {
  const page = await phone();
  await page.goto(`/me#${CODE}`);
  await expect(page.getByRole('heading', { level: 1, name: 'quarantine at home' })).toBeVisible();
  await expect(page.getByText(mine.me.left(9))).toBeVisible();
  expect(page.url()).not.toContain(CODE);
  await expect(page.locator('[data-checks]')).toHaveText(doing.doing.checks(1, 2));

  await page.getByRole('button', { name: doing.doing.checkNow }).click();
  for (const digit of '368') await page.getByRole('button', { name: digit, exact: true }).click();
  await page.getByRole('button', { name: doing.doing.send }).click();
  await expect(page.getByText(doing.doing.chooseSymptoms)).toBeVisible();
  await page.getByText(doing.doing.none, { exact: true }).click();
  await page.getByRole('button', { name: doing.doing.send }).click();
  await expect(page.getByText(doing.doing.sent)).toBeVisible();
  await page.getByText(doing.needs.kinds.medicine!).click();
  await page.getByLabel(doing.doing.needText).fill('Something for a cough');
  await page.getByRole('button', { name: doing.doing.needSend }).click();
  await expect.poll(() => server.came.map(({ what }) => what.kind)).toEqual(['check', 'needs']);
  expect(server.came[0]!.what).toMatchObject({ temperature: 36.8, symptoms: [], by: 'person' });
  expect(server.paths.some((path) => path.includes('7KQ2M9XT'))).toBe(false);
  expect(server.bodies).toContainEqual({ code: CODE });
});

test('one’s state can be seen without a network, with its time', async ({ phone }) => {
  const page = await phone();
  await page.goto(`/me#${CODE}`);
  await expect(page.getByText(mine.me.left(9))).toBeVisible();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await page.reload();
  await expect(page.getByText(mine.me.left(9))).toBeVisible();
  await expect(page.locator('.tag.warn')).toBeVisible();
});

test('a certificate of release prints, and anybody can check it', async ({ phone, server }) => {
  server.standing = released;
  const page = await phone();
  await page.goto(`/me#${CODE}`);
  await expect(page.getByRole('img', { name: doing.doing.certificate.qr })).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('banner')).toBeHidden();
  await expect(page.getByRole('img', { name: doing.doing.certificate.qr })).toBeVisible();
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('link', { name: /verify/ }).click();
  await expect(page.locator('[data-valid="true"]')).toBeVisible();
  expect(page.url()).not.toContain('LFR1');
  expect(server.bodies).toContainEqual({ code: CERTIFICATE });
  await expect(page.getByText(verified.verify.compare)).toBeVisible();
});

test('a certificate that does not stand is told so', async ({ phone, server }) => {
  server.verdict = { ...verdict, valid: false, certificate: null };
  const page = await phone();
  await page.goto('/verify');
  await page.getByRole('button', { name: verified.verify.submit }).click();
  await expect(page.getByText(verified.verify.wrong)).toBeVisible();
  await page.getByLabel(verified.verify.code).fill(CERTIFICATE);
  await page.getByRole('button', { name: verified.verify.submit }).click();
  await expect(page.locator('[data-valid="false"]')).toBeVisible();
  await expect(page.getByRole('heading', { name: verified.verify.invalid })).toBeVisible();
});

test('large print is chosen and remembered', async ({ phone }) => {
  const page = await phone();
  await page.goto('/declare');
  await page.getByLabel(common.en.settings).click();
  await page.getByLabel(common.en.large).check();
  await page.reload();
  const size = await page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
  expect(parseFloat(size)).toBeGreaterThan(20);
});
