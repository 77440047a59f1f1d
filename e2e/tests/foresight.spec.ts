import { foresight as wordsEn } from '../../web/src/lib/i18n/foresight/en';
import { foresight as wordsZh } from '../../web/src/lib/i18n/foresight/zh';
import { expectAccessible } from '../support/axe';
import { csrf, expect, pageOf, test, words, type Page } from '../support/test';

const foresightWords = { en: wordsEn, zh: wordsZh };

interface Forecasts {
  as_of: string;
  days: { as_of: string; models: string[] }[];
  forecasts: { model: string; later: boolean; days: { median: number; came: number | null }[] }[];
}

async function forecasts(page: Page, query = ''): Promise<Forecasts> {
  const answer = await page.request.get(`/api/forecasts${query}`);
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as Forecasts;
}

/** A version of the pack in force with a shorter quarantine, proposed to be tried. */
async function proposed(page: Page, lang: string): Promise<void> {
  const { versions } = (await (await page.request.get('/api/policy/versions')).json()) as {
    versions: { policy: string; standing: string; version: string }[];
  };
  if (versions.some(({ version }) => version === `tried-${lang}`)) return;
  const now = versions.find(({ standing }) => standing === 'in_force')!;
  const { text } = (await (await page.request.get(`/api/policy/versions/${now.policy}`)).json()) as {
    text: string;
  };
  const changed = text
    .replace('[numbers.quarantine_days]\nvalue = 14', '[numbers.quarantine_days]\nvalue = 3')
    .replace(`version = "${now.version}"`, `version = "tried-${lang}"`)
    .split('[[example]]')[0];
  const answer = await page.request.post('/api/policy/versions', {
    headers: await csrf(page),
    data: { text: changed, note: 'to be tried in the city' },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
}

const sayings = {
  en: {
    older: 'Older',
    held: /of \d+ days so far fell within/,
    record: 'Record',
    whatif: 'What if',
    worse: /score is \d+ % below|score is \d+% below|no better than saying/,
    try: 'Try it',
    side: 'Side by side',
    both: 'Both hands',
    people: 'People of the city',
    bound: 'Takes a whole number from 1000 to 200000.',
    stop: 'Stop',
  },
  zh: {
    older: '更早',
    held: /已到来的\d+天中/,
    record: '评分记录',
    whatif: '政策推演',
    worse: /总体评分比持续性基线低|不比“明日如今日”更好/,
    try: '开始推演',
    side: '并列比较',
    both: '两手兼顾',
    people: '城市人数',
    bound: '须为1000至200000的整数。',
    stop: '停止',
  },
} as const;

const needs = { arrivals: 'announced', patients: 'stays', quarantined: 'stays', samples: 'level' } as const;

for (const lang of ['en', 'zh'] as const) {
  const f = foresightWords[lang];

  test(`arrivals, beds and samples ahead, and their record, in ${lang}`, async ({ browser }) => {
    const page = await pageOf(browser, 'commander', { lang });
    await page.goto('/foresight');
    for (const [target, model] of Object.entries(needs)) {
      const known = await forecasts(page, `?target=${target}`);
      expect(known.forecasts.map((each) => each.model).sort()).toEqual(['persistence', model].sort());
      await page.getByLabel(f.target).selectOption(target);
      await expect(page.getByRole('heading', { name: f.charts[target]! })).toBeVisible();
      await expect(page.locator('.headline')).toContainText(f.whats[target]!);
      await expect(page.locator('tbody tr')).toHaveCount(known.forecasts[0]!.days.length);
    }
    await expectAccessible(page);
    await page.getByRole('link', { name: f.view['record']! }).click();
    await expect(page).toHaveURL(/target=samples/);
    await page.getByLabel(f.target).selectOption('patients');
    await expect(page.getByRole('heading', { name: f.models['stays']! })).toBeVisible();
    await expect(page.locator('tbody tr')).not.toHaveCount(0);
  });
}

for (const lang of ['en', 'zh'] as const) {
  const said = sayings[lang];

  test(`forecasts as they were made, and their record, in ${lang}`, async ({ browser }) => {
    const page = await pageOf(browser, 'commander', { lang });
    const known = await forecasts(page);
    expect(known.forecasts.map(({ model }) => model).sort()).toEqual(['persistence', 'renewal']);
    expect(known.forecasts.every(({ later }) => !later)).toBe(true);
    // Of the newest day nothing has come yet.
    expect(known.forecasts[0]!.days.every(({ came }) => came === null)).toBe(true);

    await page.goto('/foresight');
    await expect(page.getByRole('heading', { level: 1, name: words[lang].frame.foresight })).toBeVisible();
    await expect(page.locator('.chart svg')).toBeVisible();
    await expect(page.locator('tbody tr')).toHaveCount(14);
    await expectAccessible(page);
    await page.screenshot({ path: `test-results/foresight-${lang}.png`, fullPage: true });

    // An older one can be looked at again: what came since stands beside it.
    await page.getByRole('link', { name: said.older, exact: true }).click();
    await expect(page.getByText(said.held)).toBeVisible();
    const older = await forecasts(page, `?as_of=${known.days[1]!.as_of}`);
    expect(older.forecasts[0]!.days[0]!.came).not.toBeNull();

    await page.getByRole('link', { name: said.record, exact: true }).click();
    await page.getByRole('checkbox').check();
    await expect(page.getByText(said.worse).first()).toBeVisible();
    await expect(page.locator('tbody tr')).toHaveCount(15);
    await expectAccessible(page);
    await page.screenshot({ path: `test-results/foresight-record-${lang}.png`, fullPage: true });
  });

  test(`packs side by side from today's state in ${lang}`, async ({ browser }) => {
    test.slow();
    const page = await pageOf(browser, 'epidemiologist', { lang });
    await proposed(page, lang);
    await page.goto('/foresight?view=whatif');
    await expect(page.locator('select[name=pack-1] option').nth(1)).toBeAttached();
    const options = await page.locator('select[name=pack-1] option').allTextContents();
    const option = options.find((text) => text.includes(`tried-${lang}`));
    expect(option, options.join('; ')).toBeTruthy();
    const people = page.getByLabel(said.people);
    await people.fill('0');
    await page.getByRole('button', { name: said.try }).click();
    await expect(page.getByRole('alert')).toHaveText(said.bound);
    await expectAccessible(page);
    await people.fill('2000');
    await page.locator('select[name=pack-1]').selectOption({ label: option! });
    await page.screenshot({ path: `test-results/foresight-ask-${lang}.png`, fullPage: true });
    await page.getByRole('button', { name: said.try }).click();
    await expect(page.getByRole('heading', { name: said.side })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('heading', { name: said.both })).toBeVisible();
    await expect(page.locator('.chart svg')).toBeVisible();
    await expectAccessible(page);
    await page.screenshot({ path: `test-results/foresight-whatif-${lang}.png`, fullPage: true });
  });
}

test('a run is stopped, and what cannot be run is refused', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  const headers = await csrf(page);
  const asked = { packs: ['in_force'], days: 180, seeds: 50, people: 100_000, start: 'blank' };
  for (const [wrong, field] of [
    [{ packs: ['no such pack'] }, 'packs'],
    [{ packs: [] }, 'packs'],
    [{ people: 0 }, 'people'],
    [{ days: -1 }, 'days'],
    [{ packs: ['shipped:measles-2024'] }, 'packs'],
    [{ people: 200_000, with_nothing: true }, 'seeds'],
    [{ city: 'atlantis' }, 'city'],
  ] as const) {
    const answer = await page.request.post('/api/whatif', { headers, data: { ...asked, ...wrong } });
    expect(answer.status(), JSON.stringify(wrong)).toBe(422);
    expect(((await answer.json()) as { field: string }).field).toBe(field);
  }

  const answer = await page.request.post('/api/whatif', { headers, data: asked });
  expect(answer.status(), await answer.text()).toBe(202);
  const { job } = (await answer.json()) as { job: string };
  // One at a time.
  const second = await page.request.post('/api/whatif', { headers, data: asked });
  expect(second.status()).toBe(409);
  await page.goto(`/foresight?view=whatif&job=${job}`);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('Stopped.')).toBeVisible({ timeout: 60_000 });

  // Who reads forecasts and plans no policy has no such tab.
  const inspector = await pageOf(browser, 'inspector');
  await inspector.goto('/foresight?view=whatif');
  await expect(inspector.getByRole('link', { name: 'Record', exact: true })).toBeVisible();
  await expect(inspector.getByRole('link', { name: 'What if' })).toHaveCount(0);
  expect((await inspector.request.get('/api/whatif')).status()).toBe(403);
});
