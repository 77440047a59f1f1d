import { readFile } from 'node:fs/promises';

import { expect, pageOf, test, words, type Page } from '../support/test';

const say = words.en;

interface Place {
  code: string;
  today: string;
}

async function place(page: Page): Promise<Place> {
  const said = (await (await page.request.get('/api/brief')).json()) as {
    today: string;
    children: { area: { code: string } }[];
  };
  return { code: said.children[0]!.area.code, today: said.today };
}

function dayBefore(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - days);
  return day.toISOString().slice(0, 10);
}

async function choose(page: Page, csv: string): Promise<void> {
  await page.getByLabel(say.imports.kind).selectOption('linelist');
  await page.getByLabel(say.imports.file, { exact: true }).setInputFiles({
    name: `cases-${Date.now()}.csv`,
    mimeType: 'text/csv',
    buffer: Buffer.from(csv),
  });
}

/** What the report says of `label`. */
const figure = (page: Page, label: string) =>
  page
    .locator('dl.figures > div')
    .filter({ has: page.getByText(label, { exact: true }) })
    .locator('dd');

test('a file with good and bad rows is checked, taken, and its bad rows handed back', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  const { code, today } = await place(page);
  const stamp = Date.now();
  const reported = dayBefore(today, 3);
  const csv = [
    'external_id,name,sex,age,area,onset,reported,classification,origin',
    `E2E-${stamp}-1,,female,34,${code},${dayBefore(today, 6)},${reported},confirmed,local`,
    `E2E-${stamp}-2,,male,51,${code},,${reported},confirmed,imported`,
    `E2E-${stamp}-3,,male,47,${code},2031-01-01,${reported},confirmed,local`,
    `E2E-${stamp}-4,,male,abc,${code},,${reported},perhaps,local`,
  ].join('\n');

  await page.goto('/imports');
  await choose(page, csv);
  await page.getByRole('button', { name: say.imports.check }).click();
  await expect(page.getByText(say.imports.wouldRefuse('2'))).toBeVisible();
  await expect(figure(page, say.imports.rowsRead)).toHaveText('4');
  const found = await page.request.get(`/api/cases?q=E2E-${stamp}-1`);
  expect(((await found.json()) as { total: number }).total, 'checking takes nothing in').toBe(0);

  await page.getByRole('button', { name: say.imports.take }).click();
  await expect(page.getByText(say.imports.someRefused('2'))).toBeVisible();
  await expect(figure(page, say.imports.rowsTaken)).toHaveText('2');
  const refusals = page.getByRole('region', { name: say.imports.refusals }).last();
  await expect(refusals.getByRole('row')).not.toHaveCount(0);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: say.imports.downloadRefused }).click(),
  ]);
  const refused = await readFile(await download.path(), 'utf8');
  expect(refused).toContain(`E2E-${stamp}-3`);
  expect(refused).toContain(`E2E-${stamp}-4`);
  expect(refused).not.toContain(`E2E-${stamp}-1`);

  await page.goto('/cases');
  await page.getByRole('searchbox', { name: say.cases.search }).fill(`E2E-${stamp}-1`);
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-row]')).toHaveText([`E2E-${stamp}-1`]);
  expect(page.url(), 'what is searched for stays out of the address').not.toContain('E2E');
});

test('the same file brought in twice changes nothing', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  const { code, today } = await place(page);
  const stamp = Date.now();
  const csv = [
    'external_id,sex,age,area,reported,classification,origin',
    `TWICE-${stamp},female,28,${code},${dayBefore(today, 4)},confirmed,local`,
  ].join('\n');

  await page.goto('/imports');
  for (const verdict of [say.imports.allTaken, say.imports.nothingNew]) {
    await choose(page, csv);
    await page.getByLabel(say.imports.dryRun).uncheck();
    await page.getByRole('button', { name: say.imports.take }).click();
    await expect(page.getByText(verdict)).toBeVisible();
  }
  await expect(figure(page, say.imports.rowsUnchanged)).toHaveText('1');
  await expect(page.getByRole('region', { name: say.imports.history }).getByRole('row').nth(1)).toBeVisible();
});

test('without a file there is nothing to check', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  await page.goto('/imports');
  await page.getByRole('button', { name: say.imports.check }).click();
  await expect(page.getByRole('alert')).toHaveText(say.imports.noFile);
});
