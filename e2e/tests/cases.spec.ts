import { readFile } from 'node:fs/promises';

import { expect, pageOf, test, words, type Page } from '../support/test';

const say = words.en;

async function shown(page: Page): Promise<string[]> {
  await expect(page.locator('[data-row]').first()).toBeVisible();
  return page.locator('[data-row]').allInnerTexts();
}

test('the line list is narrowed by filters that can be taken off again', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  await page.goto('/cases');
  const count = page.getByRole('main').getByRole('status');
  await expect(count).toHaveText(/\d/);
  const before = await count.innerText();

  await page.getByRole('button', { name: say.cases.addFilter }).click();
  await page.getByLabel(say.cases.filters.origin).selectOption('imported');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/origin=imported/);
  const chip = page.getByRole('button', { name: `${say.common.removeFilter} Origin Imported` });
  await expect(chip).toBeVisible();
  await expect(count).not.toHaveText(before);
  const origins = page.locator('tbody tr td').filter({ hasText: say.cases.origin.local });
  await expect(origins).toHaveCount(0);

  await chip.click();
  await expect(page).not.toHaveURL(/origin=/);
  await expect(count).toHaveText(before);
});

test('columns are chosen and kept, the order is turned round', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  await page.goto('/cases');
  await shown(page);
  await page.getByRole('button', { name: say.cases.chooseColumns }).click();
  await page.getByLabel(say.cases.hospitalised).check();
  await page.keyboard.press('Escape');
  await page.reload();
  await expect(page.getByRole('columnheader', { name: say.cases.hospitalised })).toBeVisible();

  const newestFirst = await shown(page);
  await page.getByRole('columnheader', { name: say.cases.reported }).getByRole('link').click();
  await expect(page.getByRole('columnheader', { name: say.cases.reported })).toHaveAttribute(
    'aria-sort',
    'ascending',
  );
  await expect(async () => expect(await shown(page)).not.toEqual(newestFirst)).toPass();
});

test('a person’s data opens for a reason, and the look stands in the case’s ledger', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  await page.goto('/cases');
  await page.locator('[data-row]').first().click();
  const detail = page.getByRole('complementary', { name: say.cases.detail });
  await expect(detail.getByRole('heading', { name: say.cases.history })).toBeVisible();
  const first = page.locator('tbody tr').first();
  await expect(first, 'the list stays beside').toBeVisible();

  await detail.getByRole('button', { name: say.cases.show }).click();
  await detail.getByLabel(say.cases.reason).fill('abc');
  await detail.getByRole('button', { name: say.cases.look }).click();
  await expect(detail.getByRole('alert')).toHaveText(say.cases.reasonShort);

  await detail.getByLabel(say.cases.reason).fill('Call about contacts of this week');
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().includes('/look')),
    detail.getByRole('button', { name: say.cases.look }).click(),
  ]);
  const seen = (await answer.json()) as { name: string | null };
  await expect(detail.getByText(say.cases.lookRecorded)).toBeVisible();
  await expect(detail).toContainText(seen.name ?? say.common.unknown);
  await detail.getByRole('button', { name: say.cases.hide }).click();
  await expect(detail.getByText(say.cases.lookRecorded)).toBeHidden();
});

test('a look without the right is not offered and not answered', async ({ browser }) => {
  const epidemiologist = await pageOf(browser, 'epidemiologist');
  const list = (await (await epidemiologist.request.get('/api/cases?limit=1')).json()) as {
    rows: { person: string }[];
  };
  const commander = await pageOf(browser, 'commander');
  await commander.goto('/cases');
  await commander.locator('[data-row]').first().click();
  await expect(commander.getByRole('heading', { name: say.cases.history })).toBeVisible();
  await expect(commander.getByRole('button', { name: say.cases.show })).toHaveCount(0);
  expect(list.rows[0]?.person).toBeTruthy();
});

test('the list goes out as CSV with its filters and without personal data', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  await page.goto('/cases?origin=imported');
  await shown(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: say.cases.exportAs('CSV') }).click(),
  ]);
  const rows = (await readFile(await download.path(), 'utf8')).trim().split('\n');
  const total = (
    (await (await page.request.get('/api/cases?origin=imported&limit=1')).json()) as { total: number }
  ).total;
  expect(rows.length - 1).toBe(total);
});
