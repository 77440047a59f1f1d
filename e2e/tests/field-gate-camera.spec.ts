import { rmSync } from 'node:fs';
import { dirname } from 'node:path';

import flow from '../../web/field/gate/flow.en';
import en from '../../web/field/gate/words.en';
import { filmed, filmOf } from '../support/camera';
import { demo, loginOf } from '../support/demo';
import { common, expect, Phone, test, type Page } from '../support/field-page';
import { registered } from '../support/issued';
import { csrf, pageOf, signIn } from '../support/test';

const w = flow.shown;
const answer = (page: Page) => page.locator('[data-answer]');
const strip = (page: Page) => page.locator('[data-strip]');

async function post<T>(page: Page, path: string, data: object): Promise<T> {
  const sent = await page.request.post(path, { headers: await csrf(page), data });
  expect(sent.ok(), await sent.text()).toBe(true);
  return (await sent.json()) as T;
}

test('the camera reads a pass that was issued here, without a line; its visit is in the log once', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const staff = await pageOf(browser, 'checkpoint_staff');
  const { document, code } = await registered(staff, loginOf('checkpoint_staff').area.code);
  const holder = await browser.newPage({ baseURL: demo().address });
  await holder.goto(`/pass#${code}`);
  const film = await filmOf(holder, '[data-colour] svg[role="img"]');
  const phone = new Phone();
  try {
    const page = await phone.open(demo().address, filmed(film));
    await signIn(page.request, loginOf('checkpoint_staff'));
    const keys = page.waitForResponse('**/api/pass-keys');
    await page.goto('/gate');
    await page.locator('main .choice').last().click();
    await keys;
    await expect(page.getByRole('button', { name: en.gate.pass, exact: true })).toBeVisible();
    const gate = await page.evaluate(() => localStorage.getItem('lianfang.gate'));
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await phone.context.setOffline(true);
    await page.reload();
    await page.getByRole('button', { name: en.gate.pass, exact: true }).click();
    await expect(answer(page)).toHaveAttribute('data-answer', 'green', { timeout: 30_000 });
    await expect(answer(page)).toHaveAttribute('data-by', 'phone');
    await expect(answer(page)).toContainText(document.slice(-4));
    await expect(page.locator('[data-visit="waits"]')).toBeVisible();
    await expect(strip(page)).toHaveText(common.en.strip.offlineWaiting(1));

    // The server takes it, and its answer is lost on the way: it is sent again.
    let sent = 0;
    await phone.context.route('**/api/scans/batch', async (route) => {
      const told = await route.fetch();
      sent += 1;
      if (sent === 1) await route.abort();
      else await route.fulfill({ response: told });
    });
    await phone.context.setOffline(false);
    await expect(strip(page)).toHaveText(common.en.strip.allSent, { timeout: 60_000 });
    expect(sent).toBeGreaterThan(1);

    const epidemiologist = await pageOf(browser, 'epidemiologist');
    const { person } = await post<{ person: string }>(staff, '/api/passes/look-up', { document });
    interface Traced {
      contacts: { person: string; meetings: { place: { code: string } }[] }[];
    }
    const { contacts } = await post<Traced>(epidemiologist, '/api/trace', {
      places: [gate],
      reason: 'asked for in a test',
    });
    const met = contacts.filter((each) => each.person === person);
    expect(met).toHaveLength(1);
    expect(met[0]!.meetings).toHaveLength(1);

    // With a line the server answers: once the page is opened anew, the film is a picture of an old pass.
    const again = holder.waitForResponse('**/api/pass');
    await holder.reload();
    await again;
    await page.getByRole('button', { name: w.next }).click();
    await expect(answer(page)).toHaveAttribute('data-reason', 'replayed', { timeout: 30_000 });
    await expect(answer(page)).toHaveAttribute('data-by', 'server');

    // In the check of somebody the camera reads it too.
    await page.getByRole('button', { name: w.back }).click();
    await page.getByRole('button', { name: en.gate.stranger }).click();
    await page.locator('#name').fill('王小明');
    await page.locator('form .primary').click();
    await page.locator('form .primary').click();
    const part = page.locator('.parts .button').nth(1);
    await part.click();
    await page.getByRole('button', { name: w.scan }).click();
    await expect(answer(page)).toHaveAttribute('data-reason', 'replayed', { timeout: 30_000 });
    await expect(part).toContainText(flow.flow.passes.invalid!);
  } finally {
    await phone.kill();
    phone.throwAway();
    rmSync(dirname(film), { recursive: true, force: true });
  }
});
