import { readFile } from 'node:fs/promises';

import { loginOf } from '../support/demo';
import { csrf, expect, pageOf, test, words, type Page } from '../support/test';

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

async function choose(
  page: Page,
  csv: string,
  kind = 'linelist',
  name = `cases-${Date.now()}.csv`,
): Promise<void> {
  await page.getByLabel(say.imports.kind).selectOption(kind);
  await page.getByLabel(say.imports.file, { exact: true }).setInputFiles({
    name,
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

/** Takes a file in without checking it first. */
async function takeIn(page: Page, csv: string, kind: string, name: string, preset?: string): Promise<void> {
  await choose(page, csv, kind, name);
  if (preset) await page.getByLabel(say.imports.preset).selectOption(preset);
  await page.getByLabel(say.imports.dryRun).uncheck();
  await page.getByRole('button', { name: say.imports.take }).click();
}

const letters = (many: number): string =>
  Array.from(
    { length: many },
    () => '安邦承达恩芳光海佳凯兰铭宁鹏青荣书天维霞'[Math.floor(Math.random() * 20)],
  ).join('');

test('a list of passengers is taken in, and each of them is expected at the gates', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  const { code, today } = await place(page);
  const name = `王${letters(3)}`;
  const train = `G${Date.now() % 100_000}`;
  const csv = [
    '旅客姓名,手机号,车次,发站,到达时间,目的地',
    `${name},13812340001,${train},汉口,${today} 23:40,${code}`,
    `李${letters(3)},13812340002,${train},杭州东,${today} 23:40,${code}`,
    `张${letters(3)},13812340003,${train},杭州东,,${code}`,
  ].join('\n');
  const file = `${train}.csv`;

  await page.goto('/imports');
  await choose(page, csv, 'arrivals', file);
  await expect(page.getByText(say.imports.kindHints.arrivals)).toBeVisible();
  await page.getByLabel(say.imports.preset).selectOption('railway');
  await page.getByRole('button', { name: say.imports.check }).click();
  await expect(page.getByText(say.imports.wouldRefuse('1'))).toBeVisible();
  await page.getByRole('button', { name: say.imports.take }).click();
  await expect(page.getByText(say.imports.someRefused('1'))).toBeVisible();
  await expect(figure(page, say.imports.rowsTaken)).toHaveText('2');
  await expect(figure(page, say.imports.rowsKnown)).toHaveText('0');

  const found = await page.request.post('/api/entrants/find', {
    headers: await csrf(page),
    data: { text: name, area: code },
  });
  const { rows } = (await found.json()) as { rows: { source: string; journey: { number: string } }[] };
  expect(rows).toMatchObject([{ source: 'list', journey: { number: train, from: '420100' } }]);

  await takeIn(page, csv, 'arrivals', file, 'railway');
  await expect(figure(page, say.imports.rowsUnchanged)).toHaveText('2');
  const history = page.getByRole('region', { name: say.imports.history });
  await expect(history.getByText(say.imports.kinds.arrivals).first()).toBeVisible();
});

test('a roster of households is for those who keep it, and the same twice changes nothing', async ({
  browser,
}) => {
  const page = await pageOf(browser, 'area_officer');
  const { code } = loginOf('grid_worker').area;
  const door = `${Date.now() % 1_000_000}号`;
  const csv = [
    'area,door,dwelling,people,name',
    `${code},${door},rented,2,王${letters(2)}`,
    `${code},${door},rented,2,李${letters(2)}`,
    `${code},${door}乙,castle,1,`,
  ].join('\n');
  const file = `roster-${Date.now()}.csv`;

  await page.goto('/imports');
  await takeIn(page, csv, 'households', file);
  await expect(figure(page, say.imports.rowsTaken)).toHaveText('2');
  await expect(figure(page, say.imports.rowsRefused)).toHaveText('1');
  await takeIn(page, csv, 'households', file);
  await expect(figure(page, say.imports.rowsUnchanged)).toHaveText('2');

  const other = await pageOf(browser, 'epidemiologist');
  await other.goto('/imports');
  const kinds = other.getByLabel(say.imports.kind).locator('option');
  await expect(kinds).toHaveCount(4);
  await expect(kinds.filter({ hasText: say.imports.kinds.households })).toHaveCount(0);
});

test('the reasons in the file of refused rows are in the language of the page', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist', { lang: 'en' });
  await page.goto('/imports');
  await takeIn(page, 'external_id,classification\nLANG-1,perhaps', 'linelist', `lang-${Date.now()}.csv`);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: say.imports.downloadRefused }).click(),
  ]);
  expect(await readFile(await download.path(), 'utf8')).not.toMatch(/请|须|不/);
});
