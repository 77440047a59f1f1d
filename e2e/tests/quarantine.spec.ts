import { fieldwork as en } from '../../web/src/lib/i18n/fieldwork/en';
import { quarantine as quarantineEn } from '../../web/src/lib/i18n/quarantine/en';
import { quarantine as quarantineZh } from '../../web/src/lib/i18n/quarantine/zh';
import { expectAccessible } from '../support/axe';
import { checked, checkpoint, ends, expectFits, received, site, taken, type Ends } from '../support/entry';
import { loginOf } from '../support/demo';
import { expect, pageOf, test, type Lang, type Page } from '../support/test';

const say = quarantineEn;
const said: Record<Lang, typeof quarantineEn> = { en: quarantineEn, zh: quarantineZh };

const aside = (page: Page) => page.getByRole('complementary');
const firstRow = (page: Page) => page.locator('[data-row]').first();

interface Tab {
  path: string;
  ready: (page: Page, told: typeof quarantineEn) => Promise<void>;
}

const tabs: Record<string, Tab> = {
  'order open': {
    path: '/quarantine',
    ready: async (page, told) => {
      await firstRow(page).click();
      await expect(page.getByRole('heading', { name: told.checks })).toBeVisible();
    },
  },
  'site open': {
    path: '/quarantine?view=sites',
    ready: async (page, told) => {
      await firstRow(page).click();
      await expect(page.getByRole('heading', { name: told.rooms })).toBeVisible();
    },
  },
  'new site': {
    path: '/quarantine?view=sites&site=new',
    ready: async (page, told) => {
      await expect(page.getByRole('textbox', { name: told.roomsField })).toBeVisible();
    },
  },
  'to place': {
    path: '/quarantine?view=place',
    ready: async (page, told) => {
      await firstRow(page).click();
      await expect(page.getByRole('button', { name: told.asPolicySays, exact: true })).toBeVisible();
    },
  },
  households: {
    path: '/quarantine?view=households',
    ready: async (page, told) => {
      await expect(page.getByRole('heading', { name: told.byArea })).toBeVisible();
    },
  },
  'ended orders': {
    path: '/quarantine?state=ended',
    ready: async (page) => {
      await expect(firstRow(page)).toBeVisible();
    },
  },
};

async function atHome(at: Ends): Promise<string> {
  const { entrant } = await checked(at, await checkpoint(at), true);
  await received(at, [entrant], { receiver: 'community' });
  return entrant;
}

async function atSite(at: Ends, place: string, many: number): Promise<string[]> {
  const gate = await checkpoint(at);
  const entrants: string[] = [];
  for (let n = 0; n < many; n++) entrants.push((await checked(at, gate)).entrant);
  await received(at, entrants, { receiver: 'site', site: place });
  return entrants;
}

test.describe('each tab', () => {
  test.beforeAll(async ({ browser }) => {
    const at = await ends(browser);
    await atHome(at);
  });

  for (const [name, tab] of Object.entries(tabs)) {
    for (const lang of ['en', 'zh'] as Lang[]) {
      test(`${name} is accessible in ${lang}, light and dark`, async ({ browser }) => {
        const page = await pageOf(browser, 'area_officer', { lang });
        await page.goto(tab.path);
        await tab.ready(page, said[lang]);
        await expectAccessible(page);
      });
    }

    for (const width of [1024, 390]) {
      test(`${name} fits ${width} px`, async ({ browser }) => {
        const page = await pageOf(browser, 'area_officer', { width, height: 800 });
        await page.goto(tab.path);
        await tab.ready(page, say);
        await expectFits(page);
      });
    }
  }
});

test('somebody is put under watch with one tap, and the reason is shown', async ({ browser }) => {
  const at = await ends(browser);
  const entrant = await atHome(at);
  const page = at.officer;
  await page.goto('/quarantine?view=place');
  const row = page.locator('tr', { has: page.locator(`a[href*="${entrant}"]`) });
  await row.getByRole('button').click();
  const done = page.getByRole('status').filter({ hasText: en.watch.home! });
  await expect(done).toContainText(`${en.rule} `);
  await expect(row).toHaveCount(0);
  await done.getByRole('link', { name: say.toOrder }).click();
  await expect(aside(page).getByText(say.madeBy)).toBeVisible();
  await expect(aside(page).getByText(loginOf('area_officer').name)).toBeVisible();
});

test('whom the policy sends to a site gets a bed where they were received', async ({ browser }) => {
  const at = await ends(browser);
  const place = await site(at);
  const [entrant] = await atSite(at, place, 1);
  const page = at.officer;
  await page.goto(`/quarantine?view=place&entrant=${entrant}`);
  await aside(page).getByRole('button', { name: say.asPolicySays, exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: en.watch.site! })).toBeVisible();
  await page.goto(`/quarantine?view=sites&site=${place}`);
  await expect(aside(page).getByText(say.ofBeds('1', '2'), { exact: true })).toBeVisible();
});

test('a bed that somebody took meanwhile is refused, and nothing is lost', async ({ browser }) => {
  const at = await ends(browser);
  const place = await site(at);
  const [one, two] = await atSite(at, place, 2);
  const page = at.officer;
  await page.goto(`/quarantine?view=sites&site=${place}`);
  await aside(page)
    .getByRole('button', { name: say.freeBed('301', '1') })
    .click();
  await aside(page).getByLabel(en.person).selectOption(two!);
  await taken(page, { kind: 'order', entrant: one, site: place, room: '301', bed: 1 });
  await aside(page).getByRole('button', { name: say.placeNow, exact: true }).click();
  await expect(aside(page).getByRole('alert')).toContainText('This bed is taken');

  await page.reload();
  await aside(page)
    .getByRole('button', { name: say.freeBed('301', '2') })
    .click();
  await aside(page).getByLabel(en.person).selectOption(two!);
  await aside(page).getByRole('button', { name: say.placeNow, exact: true }).click();
  await expect(aside(page).getByText(say.ofBeds('2', '2'), { exact: true })).toBeVisible();
});

test('an order has its story: samples, absence, another bed, and an end with a reason', async ({
  browser,
}) => {
  const at = await ends(browser);
  const place = await site(at);
  const [entrant] = await atSite(at, place, 1);
  const made = await taken(at.officer, { kind: 'order', entrant, site: place, room: '301', bed: 1 });
  const page = at.officer;
  await page.goto(`/quarantine?order=${made.id}`);
  const detail = aside(page);
  await expect(detail.getByRole('button', { name: say.release, exact: true })).toHaveCount(0);

  await detail.getByRole('button', { name: say.takeSample }).click();
  await detail.getByRole('button', { name: en.results.negative! }).click();
  await expect(detail.getByText(say.resultRecorded)).toBeVisible();

  await detail.getByRole('button', { name: en.absences.left_site! }).click();
  await expect(detail.getByText(say.absenceRecorded)).toBeVisible();
  await detail.getByRole('button', { name: say.isBack }).click();
  await expect(detail.getByText(say.backRecorded)).toBeVisible();

  await detail.getByRole('button', { name: say.moveBed }).click();
  await detail.getByLabel(say.site).selectOption(place);
  await expect(detail.getByLabel(say.bed, { exact: true })).toHaveValue('2');
  await detail.getByRole('button', { name: say.moveNow, exact: true }).click();
  await expect(detail.getByText(say.movedSaid)).toBeVisible();

  await detail.getByRole('button', { name: say.endOtherwise }).click();
  await detail.getByLabel(say.how).selectOption('cancelled');
  await detail.getByLabel(en.reason).fill('Made for the wrong record');
  await detail.getByRole('button', { name: en.send }).click();
  await expect(detail.getByText(say.endedSaid)).toBeVisible();
  await expect(detail.getByText('Made for the wrong record')).toBeVisible();
});

test('an end is moved only as the rule provides, and by a second person', async ({ browser }) => {
  const at = await ends(browser);
  const entrant = await atHome(at);
  const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  const page = at.officer;
  await page.goto(`/quarantine?view=place&entrant=${entrant}`);
  await aside(page).getByLabel(say.contact).selectOption('close');
  await aside(page).getByLabel(say.lastExposure).fill(day);
  await aside(page).getByRole('button', { name: say.asPolicySays, exact: true }).click();
  await page.getByRole('status').getByRole('link', { name: say.toOrder }).first().click();

  const detail = aside(page);
  await detail.getByRole('button', { name: say.proposeExtension }).click();
  const until = await detail.getByLabel(say.newUntil).getAttribute('min');
  await detail.getByLabel(say.newUntil).fill(until!);
  await detail.getByLabel(en.reason).fill('Cough since this morning, sample to come');
  await detail.getByRole('button', { name: say.proposeExtension }).click();
  await expect(detail.getByRole('alert')).toContainText('only so');

  const order = new URL(page.url()).searchParams.get('order')!;
  await taken(page, { kind: 'check', order, temperature: 37.1, symptoms: ['cough'], by: 'staff' });
  await detail.getByRole('button', { name: say.proposeExtension }).click();
  await expect(detail.getByText(say.proposedSaid)).toBeVisible();
  await expect(detail.getByRole('button', { name: say.approve })).toHaveCount(0);

  const other = await pageOf(browser, 'epidemiologist');
  await other.goto(`/quarantine?order=${order}`);
  await aside(other).getByRole('button', { name: say.approve }).click();
  await expect(aside(other).getByText(say.approvedSaid)).toBeVisible();
  await expect(aside(other).getByText(/computed at first/)).toBeVisible();
});

test('the personal code prints as a sheet, for those who look after the person', async ({ browser }) => {
  const at = await ends(browser);
  const entrant = await atHome(at);
  const made = await taken(at.officer, { kind: 'order', entrant });
  const page = at.officer;
  await page.goto(`/quarantine?order=${made.id}`);
  await aside(page).getByRole('link', { name: say.personalCode }).click();
  await expect(page.getByRole('img', { name: say.slipQr })).toBeVisible();
  await expectAccessible(page);
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('button')).toHaveCount(0);
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('link', { name: say.backToOrder }).click();
  await expect(aside(page)).toBeVisible();
});

test('who was released has a certificate that prints and verifies', async ({ browser }) => {
  const page = await pageOf(browser, 'area_officer');
  await page.goto('/quarantine?state=ended');
  await page.locator('tr', { hasText: en.ends.released! }).first().locator('[data-row]').click();
  const answer = page.waitForResponse((response) => response.url().endsWith('/certificate'));
  await aside(page).getByRole('link', { name: say.certificate }).click();
  await expect(page.getByRole('img', { name: say.certificateQr })).toBeVisible();
  await expectAccessible(page);
  const { code } = (await (await answer).json()) as { code: string };
  const shown = await page.request.post('/api/certificates/verify', { data: { code } });
  expect(((await shown.json()) as { valid: boolean }).valid).toBe(true);
});

test('numbers lead to those behind them', async ({ browser }) => {
  const page = await pageOf(browser, 'area_officer');
  await page.goto('/quarantine');
  await page.getByRole('link', { name: new RegExp(say.samplesToday) }).click();
  await expect(page).toHaveURL(/due=sample/);
  await expect(page.getByRole('button', { name: new RegExp(say.filters.due) })).toBeVisible();
});

test('rooms of a site are written as spans, and a line that is none is named', async ({ browser }) => {
  const page = await pageOf(browser, 'area_officer');
  await page.goto('/quarantine?view=sites&site=new');
  const form = aside(page);
  const name = `新隔离点${Date.now()}`;
  await form.getByLabel(say.nameZh, { exact: true }).fill(name);
  await form.getByLabel(say.roomsField).fill('201-203 2\nsuite');
  await form.getByRole('button', { name: say.setUp, exact: true }).click();
  await expect(form.getByRole('alert')).toHaveText(say.roomsWrong('2'));
  await form.getByLabel(say.roomsField).fill('201-203 2\n301 1');
  await expect(form.getByText(say.roomsRead('4', '7'))).toBeVisible();
  await form.getByRole('button', { name: say.setUp, exact: true }).click();
  await expect(form.getByRole('heading', { name })).toBeVisible();
  await expect(form.getByText(say.ofBeds('0', '7'), { exact: true })).toBeVisible();
});

test('coverage names those who are missed', async ({ browser }) => {
  const page = await pageOf(browser, 'area_officer');
  await page.goto('/quarantine?view=households');
  await expect(page.getByText(/households covered/)).toBeVisible();
  await expect(page.getByRole('region', { name: say.uncovered }).first()).toBeVisible();
});
