import { stat } from 'node:fs/promises';

import { expect, pageOf, test, words, type Page } from '../support/test';

const say = words.en;

interface Brief {
  date: string;
  today: string;
  headline: { en: string };
  curve: { date: string; provisional: boolean; expected?: number | null }[];
  missing: { area: { code: string; name: string; name_en?: string | null }; days: number }[];
  children: { area: { code: string; name: string; name_en?: string | null } }[];
  field?: {
    entry?: {
      arrived: number;
      handovers: number;
      handovers_late: number;
      sources: { source: string; name: { en: string }; people: number }[];
    } | null;
    quarantine: {
      total: number;
      checks_done: number;
      checks_due: number;
      releases_done: number;
      releases_due: number;
      absent: number;
      watched: { watch: string; name: { en: string }; people: number }[];
    };
  } | null;
}

async function brief(page: Page, query = ''): Promise<Brief> {
  return (await (await page.request.get(`/api/brief${query}`)).json()) as Brief;
}

const chart = (page: Page) => page.getByRole('img', { name: /^Bars of/ });

test('the morning says in one sentence how it stands, then shows it', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  await page.goto('/');
  const said = await brief(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(said.headline.en);
  await expect(page.getByRole('region', { name: say.morning.figures }).getByRole('button')).toHaveCount(9);
  await expect(chart(page).locator('svg path').nth(20)).toBeAttached();
  const areas = page.getByRole('region', { name: say.morning.areas });
  await expect(areas.locator('ul a')).toHaveCount(said.children.length);
  await expect(page.getByRole('region', { name: say.morning.changes })).toBeVisible();
  await expect(page.getByRole('region', { name: say.morning.missing })).toBeVisible();
  await expect(page.getByRole('region', { name: say.morning.late })).toBeVisible();
});

test('every figure opens onto what it is made of', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  await page.goto('/morning');
  const figures = page.getByRole('region', { name: say.morning.figures });
  await figures.getByRole('button', { name: say.morning.risk }).click();
  await expect(figures.locator('#about-figure')).toContainText(/\d/);
  await figures.getByRole('button', { name: /^Confirmed/ }).click();
  await figures.getByRole('link', { name: say.morning.toCases }).click();
  await expect(page).toHaveURL(/\/cases\?.*classification=confirmed/);
  await expect(
    page.getByRole('button', { name: `${say.common.removeFilter} Classification Confirmed` }),
  ).toBeVisible();
});

test('the curve reads as a table too', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  await page.goto('/morning');
  const said = await brief(page);
  await page.getByRole('button', { name: say.common.showTable }).click();
  const region = page.getByRole('region', { name: say.morning.curve, exact: true });
  await expect(region.getByRole('row')).toHaveCount(said.curve.length + 1);
});

test('areas below are measured, sorted and drilled into', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  await page.goto('/morning');
  const said = await brief(page);
  const areas = page.getByRole('region', { name: say.morning.areas });
  await areas.getByRole('button', { name: say.morning.measures.risk }).click();
  await expect(areas.getByText(say.risk.low).first()).toBeVisible();

  await areas.getByRole('button', { name: say.morning.table }).click();
  const sorted = areas.getByRole('columnheader', { name: say.morning.areaColumn });
  await sorted.getByRole('button').click();
  await expect(sorted).toHaveAttribute('aria-sort', 'ascending');

  const child = said.children[0]!.area;
  await areas.getByRole('link', { name: child.name_en ?? child.name, exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`area=${child.code}`));
  const below = await brief(page, `?area=${child.code}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(below.headline.en);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(said.headline.en);
});

test('a past morning is shown as it was known then, and says so', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  const { curve, today } = await brief(page);
  const past = curve.at(-8)!.date;
  await page.goto(`/morning?date=${past}`);
  await expect(page.getByText(say.frame.asKnownThenMore)).toBeVisible();
  const then = await brief(page, `?date=${past}`);
  expect(then.curve.at(-1)!.date <= past).toBe(true);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(then.headline.en);

  await page.getByRole('button', { name: say.frame.previousDay }).click();
  await expect(page).not.toHaveURL(new RegExp(past));
  await page.getByRole('link', { name: say.frame.backToToday }).click();
  await expect(page).not.toHaveURL(/date=/);
  await expect(page.getByText(say.frame.asKnownThenMore)).toBeHidden();
  expect(today > past).toBe(true);
});

test('an area is found by typing', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  await page.goto('/morning');
  const { area } = (await brief(page)).children[0]!;
  await expect(chart(page)).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type(area.name);
  await expect(page.getByRole('option').first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`area=${area.code.slice(0, 4)}`));
});

test('the brief can be carried off as XLSX and printed on light paper', async ({ browser }) => {
  const page = await pageOf(browser, 'commander', { theme: 'dark' });
  await page.goto('/morning');
  await expect(chart(page).locator('svg')).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: say.morning.xlsxLong }).click(),
  ]);
  expect((await stat(await download.path())).size).toBeGreaterThan(1000);
  expect(download.suggestedFilename()).toMatch(/\.xlsx$/);

  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(page.getByRole('navigation', { name: say.frame.rooms })).toBeHidden();
  await expect(page.getByRole('button', { name: say.morning.print })).toBeHidden();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light');
  const paper = await page.pdf({ format: 'A4' });
  expect(paper.length).toBeGreaterThan(15_000);
});

test('the curve can be counted by onset, with what is still to come', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  await page.goto('/morning');
  await page.getByRole('button', { name: say.morning.byOnset }).click();
  await expect(page).toHaveURL(/by=onset/);
  await expect(page.getByText(say.morning.curveNote.onset)).toBeVisible();
  const { curve } = await brief(page, '?by=onset');
  expect(curve.some((day) => day.provisional && day.expected != null)).toBe(true);
  await page.getByRole('button', { name: say.common.showTable }).click();
  const region = page.getByRole('region', { name: say.morning.curve, exact: true });
  await expect(region.getByText(/expected/).first()).toBeVisible();
});

test('a missing daily report is filed where it is missed', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  await page.goto('/morning');
  const [first] = (await brief(page)).missing;
  const missing = page.getByRole('region', { name: say.morning.missing });
  const row = missing.getByRole('listitem').first();
  await expect(row).toContainText(first!.area.name_en ?? first!.area.name);
  await row.getByRole('button', { name: say.morning.file }).click();
  await expect(row.getByLabel(say.morning.fileNew)).toHaveValue('0');
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/api/reports')),
    row.getByRole('button', { name: say.morning.fileNow }).click(),
  ]);
  expect(answer.status()).toBe(204);
  const left = (await brief(page)).missing.find(({ area }) => area.code === first!.area.code);
  expect(left?.days ?? 0).toBeLessThan(first!.days);
});

const field = (page: Page) => page.getByRole('region', { name: say.morning.field.title });

test('gates and quarantine stand in numbers, and each number opens onto its list', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  const words = say.morning.field;
  await page.goto('/morning');
  const { entry, quarantine } = (await brief(page)).field!;
  const shown = (label: string, value: number | string) =>
    field(page).getByRole('link', {
      name: `${label}: ${typeof value === 'number' ? value.toLocaleString('en-GB') : value}`,
      exact: true,
    });
  await expect(shown(words.arrived, entry!.arrived)).toBeVisible();
  await expect(shown(words.handovers, entry!.handovers)).toBeVisible();
  for (const { name, people } of entry!.sources) await expect(shown(name.en, people)).toBeVisible();
  await expect(shown(words.underWatch, quarantine.total)).toBeVisible();
  const watched = quarantine.watched.filter(({ people }) => people > 0);
  for (const { name, people } of watched) await expect(shown(name.en, people)).toBeVisible();
  const released = words.of(String(quarantine.releases_done), String(quarantine.releases_due));
  await expect(shown(words.released, released)).toBeVisible();

  const [source] = entry!.sources;
  await shown(source!.name.en, source!.people).click();
  await expect(page).toHaveURL(new RegExp(`/gates\\?.*source=${source!.source}&from=.*&to=`));
  await page.goBack();
  const [kind] = watched;
  await shown(kind!.name.en, kind!.people).click();
  await expect(page).toHaveURL(new RegExp(`/quarantine\\?.*watch=${kind!.watch}`));
  await expect(page.getByText(new RegExp(` of ${kind!.people}$`))).toBeVisible();
});

test('a past day’s quarantine leads to no list of today, and without gates there is no such part', async ({
  browser,
}) => {
  const page = await pageOf(browser, 'commander');
  const { today } = await brief(page);
  const past = new Date(Date.parse(today) - 2 * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`/morning?date=${past}`);
  await expect(field(page).getByText(say.morning.field.then)).toBeVisible();
  await expect(field(page).getByText(say.morning.field.checks, { exact: true })).toBeVisible();
  await expect(field(page).getByRole('link')).toHaveCount(0);

  await page.route('**/api/brief?*', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...((await answer.json()) as object), field: null } });
  });
  await page.goto('/morning');
  await expect(page.getByRole('region', { name: say.morning.figures })).toBeVisible();
  await expect(field(page)).toHaveCount(0);
});
