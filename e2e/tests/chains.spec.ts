import { daysAgo, home, named, reported } from '../support/casework';
import { expectAccessible } from '../support/axe';
import { csrf, expect, pageOf, test, words, type Page } from '../support/test';

const CASES = 2000;
/** Chains of so many: the first of each fifth infected all others, else each the next. */
const CHAIN = 40;

interface Chains {
  cases: number;
  linked: number;
  left_out: number;
  trees: { cases: number }[];
  superspreaders: { case: string; infectees: number }[];
  offspring: { r: number; k: number | null };
}

async function chains(page: Page): Promise<Chains> {
  const answer = await page.request.get('/api/chains', { params: { area: home() } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as Chains;
}

/** A line list of many cases, and a file that says who infected whom: both come in as files do. */
async function seed(page: Page): Promise<void> {
  const rows = ['external_id,area,onset,reported,classification'];
  const links = ['infector,infectee,certainty,setting'];
  const number = (n: number): string => `CH-${String(n).padStart(4, '0')}`;
  for (let n = 0; n < CASES; n++) {
    const chain = Math.floor(n / CHAIN);
    const start = chain * CHAIN;
    const nth = n - start;
    // A star, a line of many steps, and trees of three each.
    const kind = chain % 5;
    const infector = kind === 0 ? start : kind === 1 ? n - 1 : start + Math.floor((nth - 1) / 3);
    const steps = kind === 1 ? nth : Math.ceil(Math.log(2 * nth + 1) / Math.log(3)) * 4;
    const ago = 70 - (chain % 20) - (kind === 0 && nth > 0 ? 3 + (nth % 4) : steps);
    rows.push([number(n), home(), daysAgo(ago), daysAgo(ago - 2), 'confirmed'].join(','));
    if (nth > 0)
      links.push(
        [
          number(infector),
          number(n),
          ['confirmed', 'probable', 'possible'][n % 3],
          ['household', 'work', 'school'][chain % 3],
        ].join(','),
      );
  }
  for (const [kind, name, text] of [
    ['linelist', 'cases.csv', rows.join('\n')],
    ['relationships', 'links.csv', links.join('\n')],
  ] as const) {
    const answer = await page.request.post('/api/imports', {
      headers: await csrf(page),
      multipart: {
        kind,
        area: home(),
        file: { name, mimeType: 'text/csv', buffer: Buffer.from(text) },
      },
    });
    expect(answer.ok(), await answer.text()).toBe(true);
  }
}

test('two thousand linked cases: tree, graph and table stay legible, and answer at once', async ({
  browser,
}) => {
  test.slow();
  const page = await pageOf(browser, 'epidemiologist');
  await seed(page);
  const known = await chains(page);
  expect(known.linked).toBeGreaterThanOrEqual(CASES);
  expect(known.superspreaders[0]?.infectees).toBeGreaterThanOrEqual(CHAIN - 1);

  await page.goto(`/chains?area=${home()}`);
  const tree = page.getByRole('region', { name: /Tree over time:/ });
  await expect(tree).toHaveAttribute('data-rows', String(known.linked));
  // Only the rows in sight are in the page, however many there are.
  expect(await tree.locator('circle').count()).toBeLessThan(200);
  await tree.evaluate((element) => (element.scrollTop = element.scrollHeight));
  await expect(tree.locator('a').last()).toBeVisible();
  await page.screenshot({ path: 'test-results/chains-tree.png', fullPage: true });

  await page.getByRole('button', { name: 'Graph', exact: true }).click();
  const canvas = page.locator('canvas');
  await expect(canvas).toHaveAttribute('data-drawn', String(known.linked));
  await page.screenshot({ path: 'test-results/chains-graph.png', fullPage: true });
  // Zooming draws it anew: the page answers between two frames.
  const image = page.getByRole('img', { name: /Graph of/ });
  await image.focus();
  const longest = await page.evaluate(async () => {
    const graph = document.querySelector<HTMLElement>('[role=img] canvas')!.parentElement!;
    let [most, before] = [0, performance.now()];
    for (let turn = 0; turn < 12; turn++) {
      graph.dispatchEvent(new KeyboardEvent('keydown', { key: turn % 2 ? '-' : '+', bubbles: true }));
      await new Promise(requestAnimationFrame);
      await new Promise((done) => setTimeout(done));
      const now = performance.now();
      [most, before] = [Math.max(most, now - before), now];
    }
    return most;
  });
  test.info().annotations.push({ type: 'longest frame of 12 (ms)', description: longest.toFixed(1) });
  console.log(`longest of 12 redraws of ${known.linked} cases: ${longest.toFixed(1)} ms`);

  await page.getByRole('button', { name: 'Table', exact: true }).click();
  await expect(page.locator('tbody tr').first()).toBeVisible();
  const filters = page.getByRole('group', { name: 'Which chains' });
  await filters.getByLabel('Chains of at least').selectOption('20');
  await filters.getByLabel('Setting').selectOption('school');
  await expect(page.getByText(/\d+ cases, \d+ chains/)).toBeVisible();
  await expectAccessible(page);
});

test('a suggested infector is adopted by one tap, and the link says where it came from', async ({
  browser,
}) => {
  const page = await pageOf(browser, 'epidemiologist');
  const first = await reported(page, { onset: daysAgo(9) });
  const contact = await named(page, first, { met: daysAgo(6) });
  const { person } = (await (await page.request.get(`/api/contacts/${contact}`)).json()) as {
    person: string;
  };
  const second = await reported(page, { onset: daysAgo(4) }, { given: undefined, person });

  await page.goto(`/cases?case=${second}`);
  const suggested = page.getByRole('list', { name: 'Suggested infectors' });
  await expect(suggested.getByRole('listitem').first()).toContainText('close contact');
  await page
    .getByRole('button', { name: /as possible infector/ })
    .first()
    .click();
  await expect(page.getByText('A possible link is on record.')).toBeVisible();
  await expect(page.getByText(/adopted from a suggestion of/)).toBeVisible();
  await expect(suggested.getByText('linked', { exact: true })).toBeVisible();
  const links = (await (await page.request.get(`/api/cases/${second}/links`)).json()) as {
    infector: string;
    certainty: string;
    suggested: number;
  }[];
  expect(links).toEqual([expect.objectContaining({ infector: first, certainty: 'possible' })]);
  expect(links[0]!.suggested).toBeGreaterThan(0);
});

for (const lang of ['en', 'zh'] as const) {
  test(`surveillance shows curves, delays and how alarms are judged in ${lang}`, async ({ browser }) => {
    const page = await pageOf(browser, 'epidemiologist', { lang });
    await page.goto('/surveillance');
    await expect(page.getByRole('heading', { level: 1, name: words[lang].frame.surveillance })).toBeVisible();
    await expect(page.getByText('EARS C2').first()).toBeVisible();
    await expect(page.getByRole('row')).toHaveCount(5);
    await expect(page.locator('.chart svg')).toBeVisible();
    await expectAccessible(page);
    await page.screenshot({ path: `test-results/surveillance-${lang}.png`, fullPage: true });
  });
}
