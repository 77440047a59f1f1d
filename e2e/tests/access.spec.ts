import { loginOf } from '../support/demo';
import { expect, pageOf, test, words } from '../support/test';

const say = words.en;

test('an officer sees the own area, and not the neighbour’s', async ({ browser }) => {
  const commander = await pageOf(browser, 'commander');
  const home = loginOf('area_officer').area.code;
  const areas = (await (await commander.request.get('/api/brief')).json()) as {
    children: { area: { code: string } }[];
  };
  const neighbour = areas.children.map((child) => child.area.code).find((code) => !home.startsWith(code))!;

  const officer = await pageOf(browser, 'area_officer');
  for (const path of ['brief', 'cases', 'matters']) {
    const answer = await officer.request.get(`/api/${path}?area=${neighbour}`);
    expect([403, 404], path).toContain(answer.status());
  }
  expect([403, 404]).toContain((await officer.request.get(`/api/areas/${neighbour}`)).status());

  await officer.goto(`/morning?area=${neighbour}`);
  await expect(officer.getByRole('alert')).not.toBeEmpty();
  await officer.goto('/morning');
  await expect(officer.getByRole('region', { name: say.morning.figures })).toBeVisible();
});

test('the rail shows only the rooms that one may enter', async ({ browser }) => {
  const rail = { name: say.frame.rooms };
  const auditor = await pageOf(browser, 'auditor');
  await auditor.goto('/');
  await expect(
    auditor.getByRole('navigation', rail).getByRole('link', { name: say.frame.audit }),
  ).toBeVisible();
  await expect(
    auditor.getByRole('navigation', rail).getByRole('link', { name: say.frame.accounts }),
  ).toHaveCount(0);
  await auditor.goto('/accounts');
  await expect(auditor.getByRole('heading', { name: say.frame.notHere })).toBeVisible();
  expect((await auditor.request.get('/api/accounts')).status()).toBe(403);
});

test('the keyboard leads through the rooms and lists', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  await page.goto('/morning');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await expect(page).toHaveURL(/\/cases/);
  await expect(page.locator('[data-row]').nth(2)).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(page.locator('[data-row]').nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: say.cases.history })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/case=/);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: say.keys.title });
  await help.getByLabel(say.keys.on).uncheck();
  await help.getByRole('button', { name: say.common.close }).click();
  await page.keyboard.press('?');
  await expect(help).toBeHidden();

  await page.getByRole('button', { name: /^Your account/ }).click();
  await page.getByRole('button', { name: say.frame.help }).click();
  await expect(help).toBeVisible();
});
