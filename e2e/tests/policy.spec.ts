import { expectAccessible } from '../support/axe';
import { expect, pageOf, stranger, test, words, type Lang, type Page } from '../support/test';

// One story on one house: a version is proposed, refused, approved, and another waits its turn.
test.describe.configure({ mode: 'serial' });

const say = words.en;

interface InForce {
  from: string;
  overview: {
    version: string;
    numbers: { id: string; value: number }[];
    tables: { table: string; rules: unknown[] }[];
  };
}

interface Version {
  policy: string;
  version: string;
  standing: string;
}

interface Preview {
  pass: { total: number; changed: number };
  risk: { total: number; changed: number };
}

async function inForce(page: Page): Promise<InForce> {
  return (await (await page.request.get('/api/policy')).json()) as InForce;
}

const numberOf = ({ overview }: InForce, id: string): number =>
  overview.numbers.find((number) => number.id === id)!.value;

function daysAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

async function today(page: Page): Promise<string> {
  return ((await (await page.request.get('/api/session')).json()) as { today: string }).today;
}

/** As the pages write it. */
const written = (date: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(date));

const file = (page: Page) => page.getByRole('textbox', { name: say.policy.file });
const detail = (page: Page) => page.getByRole('region', { name: say.policy.detail, exact: true });
const versionLine = (page: Page, version: string) =>
  page.getByRole('definition').filter({ hasText: version });
const problems = (page: Page) => page.getByRole('alert').filter({ hasText: /to mend/ });

/** The file in force in the editor, as somebody would begin with it. */
async function startFromCurrent(page: Page): Promise<string> {
  await page.goto('/policy?view=versions&version=new');
  await page.getByRole('button', { name: say.policy.startFrom }).click();
  await expect(page.getByText(say.policy.whole)).toBeVisible();
  return file(page).inputValue();
}

const raise = (text: string, version: string): string =>
  text.replace(/^version = ".*"$/m, `version = "${version}"`);

/** The examples stand last in the shipped file; they hold for its own numbers only. */
const withoutExamples = (text: string): string => text.slice(0, text.indexOf('[[example]]'));

const setNumber = (text: string, id: string, value: number): string =>
  text.replace(new RegExp(`(\\[numbers\\.${id}\\]\\nvalue = )\\S+`), `$1${value}`);

async function propose(page: Page, text: string, note: string, atOnce = false): Promise<string> {
  await file(page).fill(text);
  await expect(page.getByText(say.policy.whole)).toBeVisible();
  if (atOnce) await page.getByLabel(say.policy.onApproval).check();
  await page.getByLabel(say.policy.why).fill(note);
  await page.getByRole('button', { name: say.policy.proposeNow, exact: true }).click();
  await expect(detail(page).getByText(say.policy.standings.proposed, { exact: true })).toBeVisible();
  return new URL(page.url()).searchParams.get('version')!;
}

async function openVersion(page: Page, policy: string): Promise<Preview> {
  const preview = page.waitForResponse((response) => response.url().endsWith(`${policy}/preview`));
  await page.goto(`/policy?view=versions&version=${policy}`);
  return (await (await preview).json()) as Preview;
}

async function approve(page: Page): Promise<void> {
  const button = detail(page).getByRole('button', { name: say.policy.approve });
  await button.click();
  await expect(detail(page).getByText(/the ledger keeps that you approved it/)).toBeVisible();
  await button.click();
}

for (const lang of ['en', 'zh'] as Lang[]) {
  test(`anybody reads the rules in force without signing in (${lang})`, async ({ browser }) => {
    const told = words[lang].policy;
    const page = await stranger(browser, { lang });
    await page.goto('/');
    await page.getByRole('link', { name: words[lang].login.rules }).click();
    await expect(page.getByRole('heading', { level: 1, name: told.publicTitle })).toBeVisible();
    const said = await inForce(page);
    await expect(versionLine(page, said.overview.version)).toBeVisible();
    const rules = said.overview.tables.reduce((sum, { rules }) => sum + rules.length, 0);
    await expect(page.getByText(told.asWritten)).toHaveCount(rules);

    const pass = page.locator('section', { has: page.locator('#policy-pass') });
    const rule = pass.locator('ol > li').first();
    await expect(rule.getByText(told.applies)).toBeVisible();
    await expect(rule.locator('code').first()).toBeHidden();
    await rule.getByText(told.asWritten).click();
    await expect(rule.locator('code').first()).toBeVisible();

    await page
      .getByRole('navigation', { name: told.contents })
      .getByRole('link', { name: told.disease })
      .click();
    await expect(page.getByRole('heading', { name: told.disease })).toBeInViewport();
    await page.getByRole('link', { name: told.signIn }).click();
    await expect(page.getByRole('heading', { name: words[lang].login.title, exact: true })).toBeVisible();
  });
}

test('on paper the rules have no buttons and nothing is folded', async ({ browser }) => {
  const page = await stranger(browser, { theme: 'dark' });
  await page.goto('/policy');
  await expect(page.getByRole('heading', { name: say.policy.settings })).toBeVisible();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(page.getByRole('banner')).toBeHidden();
  await expect(page.getByRole('navigation')).toBeHidden();
  await expect(page.locator('details:not([open])')).toHaveCount(0);
  await expect(page.getByText('retention.person_days')).toBeVisible();
  expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(30_000);
});

test('evidence is tried out: red until a day, step by step', async ({ browser }) => {
  const page = await pageOf(browser, 'grid_worker');
  await page.goto('/policy?view=try');
  const decision = page.getByRole('region', { name: say.policy.decision, exact: true });
  await expect(decision.getByText('Green', { exact: false }).first()).toBeVisible();

  await page.getByLabel('Contact of a case').selectOption('close');
  await expect(decision, 'what is missing is asked for').toContainText('“last exposure”');
  const exposed = daysAfter(await today(page), -2);
  await page.getByLabel('Last exposure').fill(exposed);
  await page.getByLabel('Healthy daily reports').fill('13');
  const days = numberOf(await inForce(page), 'quarantine_days');
  await expect(decision).toContainText(/red/i);
  await expect(decision).toContainText(written(daysAfter(exposed, days)));
  await expect(page.getByText('Close contact of a case.').first()).toBeVisible();
  await expect(page.getByText('(found: 2 days ago)')).toBeVisible();
  await expectAccessible(page);

  await page.getByLabel(say.policy.table).selectOption('risk');
  await expect(decision).toContainText(/low risk/i);
  await page.getByLabel(say.policy.table).selectOption('reopening');
  await expect(decision).toContainText(say.policy.needed('what it does, risk level of its area'));
});

test('a broken file is told line by line, and the cursor goes there', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  const text = await startFromCurrent(page);
  const broken = setNumber(text, 'yellow_days', Number.NaN).replace('value = NaN', 'value = "seven"');
  await file(page).fill(broken);
  const line = broken.split('\n').findIndex((each) => each === 'value = "seven"') + 1;
  await problems(page)
    .getByRole('button', { name: `Line ${line}, column 9` })
    .click();
  await expect(file(page)).toBeFocused();
  const at = await file(page).evaluate((area: HTMLTextAreaElement) => area.selectionStart);
  expect(broken.slice(at, at + 7)).toBe('"seven"');
  await expect(page.getByRole('button', { name: say.policy.proposeNow, exact: true })).toHaveCount(0);
});

let proposed = '';

test('a version is proposed once its own examples hold, and its proposer cannot approve it', async ({
  browser,
}) => {
  const page = await pageOf(browser, 'epidemiologist');
  const longer = raise(setNumber(await startFromCurrent(page), 'quarantine_days', 21), '2021.01.01');
  await file(page).fill(longer);
  await expect(problems(page)).toContainText('A close contact is red for 14 days');

  proposed = await propose(page, withoutExamples(longer), 'Incubation of up to 21 days was seen.', true);
  await expect(detail(page).getByText('Days of quarantine: 14 → 21')).toBeVisible();
  await expect(detail(page).getByText(say.policy.ownApproval)).toBeVisible();
  await expect(detail(page).getByRole('button', { name: say.policy.approve })).toHaveCount(0);
  await expect(detail(page).getByRole('button', { name: say.policy.takeBack })).toBeVisible();
});

test('another sees whom it changes, approves it, and it is in force', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  const { pass, risk } = await openVersion(page, proposed);
  const count = new Intl.NumberFormat('en-GB');
  expect(pass.total).toBeGreaterThan(100);
  const people = pass.changed
    ? say.policy.ofPeople(count.format(pass.changed), count.format(pass.total))
    : say.policy.nobody(count.format(pass.total));
  const decide = page.getByRole('region', { name: say.policy.decide });
  await expect(decide).toContainText(people);
  await expect(decide).toContainText(`${risk.total} areas`);
  await expect(detail(page).getByText('Days of quarantine: 14 → 21')).toBeVisible();

  await expectAccessible(page);
  await approve(page);
  await expect(detail(page).getByText(say.policy.isInForce)).toBeVisible();
  const list = page.getByRole('list', { name: say.policy.versions });
  await expect(list.getByRole('listitem').first()).toContainText(say.policy.standings.in_force);
  await expect(list.getByRole('listitem').last()).toContainText(say.policy.standings.superseded);

  const citizen = await stranger(browser);
  await citizen.goto('/policy');
  await expect(versionLine(citizen, '2021.01.01')).toBeVisible();
  expect(numberOf(await inForce(citizen), 'quarantine_days')).toBe(21);
});

test('a version for tomorrow is approved today, and citizens are told of it', async ({ browser }) => {
  const epidemiologist = await pageOf(browser, 'epidemiologist');
  const text = raise(setNumber(await startFromCurrent(epidemiologist), 'high_risk_cases', 300), '2021.01.02');
  const policy = await propose(epidemiologist, text, 'Counties are larger than the guidance had in mind.');

  const page = await pageOf(browser, 'commander');
  const { risk } = await openVersion(page, policy);
  expect(risk.changed, 'fewer counties are at high risk').toBeGreaterThan(0);
  await expect(page.getByRole('region', { name: say.policy.decide })).toContainText(
    say.policy.ofAreas(String(risk.changed), String(risk.total)),
  );
  await approve(page);
  await expect(detail(page).getByText(say.policy.standings.to_come, { exact: true })).toBeVisible();

  const citizen = await stranger(browser);
  await citizen.goto('/policy');
  const tomorrow = written(daysAfter(await today(page), 1));
  await expect(citizen.getByText(say.policy.next('2021.01.02', `${tomorrow} 00:00`))).toBeVisible();
  await expect(versionLine(citizen, '2021.01.01'), 'still in force today').toBeVisible();
});

test('a version is declined with a reason, and may be tried before', async ({ browser }) => {
  const epidemiologist = await pageOf(browser, 'epidemiologist');
  const text = raise(setNumber(await startFromCurrent(epidemiologist), 'fever_from', 37.1), '2021.01.03');
  const policy = await propose(epidemiologist, text, 'Fever should be taken earlier.');

  await epidemiologist.getByRole('link', { name: say.policy.tryThis }).click();
  await epidemiologist.getByLabel(/^temperature/i).fill('37.2');
  await expect(epidemiologist.getByRole('region', { name: say.policy.decision, exact: true })).toContainText(
    /yellow/i,
  );
  await epidemiologist.getByLabel(say.policy.byVersion).selectOption('');
  await expect(epidemiologist.getByRole('region', { name: say.policy.decision, exact: true })).toContainText(
    /green/i,
  );

  const page = await pageOf(browser, 'commander');
  await openVersion(page, policy);
  await detail(page).getByRole('button', { name: say.policy.decline }).click();
  await detail(page).getByLabel(say.policy.declineWhy).fill('No source is named for 37.1.');
  await detail(page).getByRole('button', { name: say.policy.decline }).click();
  await expect(detail(page).getByText(say.policy.said(say.policy.standings.declined))).toBeAttached();
  await expect(detail(page).getByText('No source is named for 37.1.')).toBeVisible();
  const { versions } = (await (await page.request.get('/api/policy/versions')).json()) as {
    versions: Version[];
  };
  expect(versions.find((version) => version.policy === policy)?.standing).toBe('declined');
});

test('whoever has no such right reads the versions, and is offered neither to propose nor to approve', async ({
  browser,
}) => {
  const page = await pageOf(browser, 'auditor');
  await page.goto('/policy?view=versions');
  await page.locator('[data-row]').first().click();
  await expect(detail(page).getByRole('heading', { level: 2 })).toBeVisible();
  await expect(page.getByRole('link', { name: say.policy.propose })).toHaveCount(0);
  await expect(page.getByRole('button', { name: say.policy.approve })).toHaveCount(0);
  await detail(page).getByText(say.policy.wholeFile).click();
  await expect(page.getByRole('region', { name: say.policy.file })).toContainText(
    '[numbers.quarantine_days]',
  );
});

test('a case shows the person’s pass by the policy in force', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  await page.goto('/cases?classification=confirmed');
  const pass = page.waitForResponse((response) => response.url().endsWith('/pass'));
  await page.locator('[data-row]').first().click();
  const { decision } = (await (await pass).json()) as {
    decision: { outcome: string; reason: { en: string } };
  };
  const block = page.getByRole('region', { name: say.cases.pass });
  await expect(block).toContainText(new RegExp(decision.outcome, 'i'));
  await expect(block).toContainText(decision.reason.en);
});
