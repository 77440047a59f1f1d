import { fieldwork as fieldEn } from '../../web/src/lib/i18n/fieldwork/en';
import { passes as passesEn } from '../../web/src/lib/i18n/passes/en';
import { passes as passesZh } from '../../web/src/lib/i18n/passes/zh';
import { expectAccessible } from '../support/axe';
import { loginOf } from '../support/demo';
import { expectFits, ulid } from '../support/entry';
import { askedFor, asker, holding, post } from '../support/passes';
import { expect, pageOf, test, words, type Lang, type Page } from '../support/test';

const say = passesEn;
const told: Record<Lang, typeof passesEn> = { en: passesEn, zh: passesZh };

const aside = (page: Page) => page.getByRole('complementary');
const firstRow = (page: Page) => page.locator('[data-row]').first();
const county = (): string => loginOf('area_officer').area.code;

async function seek(page: Page, text: string): Promise<void> {
  await page.getByRole('searchbox').fill(text);
  await page.getByRole('searchbox').press('Enter');
}

interface Part {
  path: string;
  role: string;
  ready: (page: Page, said: typeof passesEn) => Promise<void>;
}

const parts: Record<string, Part> = {
  'a red pass': {
    path: '/passes?colour=red',
    role: 'area_officer',
    ready: async (page, said) => {
      await firstRow(page).click();
      await expect(aside(page).locator('[data-colour="red"]')).toBeVisible();
      await expect(aside(page).getByRole('heading', { name: said.history })).toBeVisible();
    },
  },
  counter: {
    path: '/passes?view=counter',
    role: 'area_officer',
    ready: async (page, said) => {
      await expect(page.getByRole('region', { name: said.waitingTitle }).getByRole('table')).toBeVisible();
    },
  },
  appeals: {
    path: '/passes?view=appeals',
    role: 'area_officer',
    ready: async (page) => expect(firstRow(page)).toBeVisible(),
  },
  keys: {
    path: '/passes?view=keys',
    role: 'commander',
    ready: async (page, said) => {
      await expect(page.getByRole('region', { name: said.ownKeys }).getByRole('table')).toBeVisible();
      await page.getByRole('button', { name: said.trust }).click();
      await page.getByRole('button', { name: said.signerTrust }).click();
    },
  },
};

for (const [name, part] of Object.entries(parts)) {
  for (const lang of ['en', 'zh'] as Lang[]) {
    test(`${name}: accessible in ${lang}, light and dark`, async ({ browser }) => {
      const page = await pageOf(browser, part.role, { lang });
      await page.goto(part.path);
      await part.ready(page, told[lang]);
      await expectAccessible(page);
    });
  }

  for (const width of [1024, 390]) {
    test(`${name} fits ${width} px`, async ({ browser }) => {
      const page = await pageOf(browser, part.role, { width, height: 800 });
      await page.goto(part.path);
      await part.ready(page, say);
      await expectFits(page);
    });
  }
}

test('the room is entered by key, and its numbers lead to the passes of a colour', async ({ browser }) => {
  const page = await pageOf(browser, 'grid_worker');
  await page.goto('/morning');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('k');
  await expect(page.getByRole('heading', { level: 1, name: words.en.frame.passes })).toBeVisible();
  const officer = await pageOf(browser, 'area_officer');
  await officer.goto('/passes');
  const numbers = officer.getByRole('list', { name: say.filters.colour });
  const red = numbers.getByRole('link', { name: say.colours.red! });
  await expect(red.locator('strong')).toHaveText(/\d/);
  const many = (await red.locator('strong').textContent())!;
  expect(Number(many)).toBeGreaterThan(0);
  await red.click();
  await expect(officer).toHaveURL(/colour=red/);
  await expect(officer.locator('tbody [data-row]')).toHaveCount(Number(many));
  await expect(officer.locator('tbody').getByText(say.colours.green!, { exact: true })).toHaveCount(0);
  // Nothing in the room takes a colour.
  await expect(officer.getByRole('main').getByRole('combobox')).toHaveCount(0);
});

test('a code is compared with the document, confirmed, reported for, and ended', async ({ browser }) => {
  const officer = await pageOf(browser, 'area_officer');
  const who = asker();
  const code = await askedFor(officer, who, county());
  await officer.goto('/passes?view=counter');
  const waiting = officer.getByRole('region', { name: say.waitingTitle }).first();
  const tail = who.document.slice(-4);
  await expect(waiting.getByRole('row', { name: new RegExp(tail) })).toBeVisible();

  const form = officer.getByRole('form', { name: say.confirmTitle });
  await form.getByLabel(say.code).fill('01ARZ3NDEKTSV4RRFFQ69G5FAV.AAAAAAAA');
  await form.getByRole('button', { name: say.look }).click();
  await expect(form.getByRole('alert')).toBeVisible();
  // As a scanner types what stands in the QR code.
  await form.getByLabel(say.code).fill(`${new URL(officer.url()).origin}/pass#${code.toLowerCase()}`);
  await form.getByRole('button', { name: say.look }).click();
  const desk = officer.getByRole('region', { name: say.confirmTitle });
  await expect(desk).toContainText(tail);
  await expect(desk).not.toContainText(who.name);
  await expectAccessible(officer);
  await desk.getByRole('button', { name: say.confirm }).click();
  await expect(desk.getByText(say.confirmedSaid)).toBeVisible();
  await expect(waiting.getByRole('row', { name: new RegExp(tail) })).toHaveCount(0);
  await desk.getByRole('link', { name: say.toHolder }).click();

  await expect(officer).toHaveURL(/\/passes\?holder=[0-9A-Z]{26}/);
  expect(officer.url()).not.toContain(who.document);
  await expect(aside(officer).locator('[data-colour="green"]')).toBeVisible();
  await expect(aside(officer).getByText(say.happened.confirmed!)).toBeVisible();
  await expect(aside(officer).getByRole('button', { name: say.print })).toHaveCount(0);

  // A report makes yellow; nobody was asked for a colour.
  await aside(officer).getByRole('button', { name: say.reportFor }).click();
  const report = aside(officer).getByRole('form', { name: say.reportFor });
  await report.getByLabel(say.temperature).fill('38.4');
  await report.getByLabel(fieldEn.symptoms.cough!).check();
  await report.getByRole('button', { name: say.send }).click();
  await expect(aside(officer).getByText(say.reportSaid)).toBeVisible();
  await expect(aside(officer).locator('[data-colour="yellow"]')).toBeVisible();
  await expect(aside(officer).getByText(/38\.4 °C, cough, by staff/)).toBeVisible();
  await expect(aside(officer).getByText(say.abnormal, { exact: true })).toBeVisible();

  await aside(officer).getByRole('button', { name: say.end }).click();
  await aside(officer).getByRole('button', { name: say.end }).click();
  await expect(aside(officer).getByText(say.endSaid)).toBeVisible();
  const mine = await officer.request.post('/api/pass', { data: { code } });
  expect(((await mine.json()) as { state: string }).state).toBe('ended');
});

test('whoever has no phone is registered, and the pass is printed', async ({ browser }) => {
  const page = await pageOf(browser, 'grid_worker', { width: 390, height: 844 });
  const who = asker();
  await page.goto('/passes?view=counter');
  const form = page.getByRole('form', { name: say.registerTitle });
  await form.getByLabel(say.personName, { exact: true }).fill(who.name);
  await form.getByLabel(say.document).fill('330683199001010019');
  await form.getByRole('button', { name: say.register }).click();
  await expect(form.getByRole('alert')).toBeVisible();
  await form.getByLabel(say.document).fill(who.document);
  await form.getByRole('button', { name: say.register }).click();
  await expect(page.getByText(say.registeredSaid)).toBeVisible();
  await page.getByRole('button', { name: say.print }).click();
  await expect(page.getByRole('heading', { level: 1, name: say.sheetTitle })).toBeVisible();
  await expect(page.getByRole('img', { name: say.sheetQr })).toBeVisible();
  await expect(page.getByText(say.colours.green!, { exact: true })).toBeVisible();
  await expectFits(page);
  await expectAccessible(page);
  await page.getByRole('button', { name: say.sheetBack }).click();

  // Looked up by the document, found by the name; and printed again from the person's page.
  const look = page.getByRole('form', { name: say.lookUpTitle });
  await look.getByLabel(say.document).fill('11010519491231002X');
  await look.getByRole('button', { name: say.lookUp }).click();
  await look.getByLabel(say.document).fill(who.document);
  await look.getByRole('button', { name: say.lookUp }).click();
  const desk = page.getByRole('region', { name: say.lookUpTitle });
  await expect(desk.locator('[data-colour="green"]')).toBeVisible();
  await page.goto('/passes');
  await seek(page, who.name);
  await expect(page.locator('tbody [data-row]')).toHaveCount(1);
  await firstRow(page).click();
  await expect(aside(page).getByText(say.happened.looked!).first()).toBeVisible();
  await aside(page).getByRole('button', { name: say.print }).click();
  await expect(page.getByRole('img', { name: say.sheetQr })).toBeVisible();
});

test('an appeal is listed, and leads to its matter', async ({ browser }) => {
  const officer = await pageOf(browser, 'area_officer');
  const who = await holding(browser, county());
  const ill = { id: ulid(), temperature: 37.9, symptoms: ['cough'] };
  await post(officer, '/api/pass/report', { code: who.code, report: ill });
  const appeal = { id: ulid(), about: 'report', reason: 'wrong_day' };
  await post(officer, '/api/pass/appeal', { code: who.code, appeal });
  await officer.goto('/passes');
  await seek(officer, who.document);
  await firstRow(officer).click();
  const own = aside(officer).getByRole('region', { name: say.appeals });
  await expect(own.getByText(new RegExp(say.dueBy))).toBeVisible();
  await own.getByRole('link').click();
  await expect(officer).toHaveURL(/\/matters\?view=all&matter=/);
  await officer.goto('/passes?view=appeals');
  await expect(officer.getByRole('row', { name: /health report: the day is wrong/ }).first()).toBeVisible();
});

test('keys: the next one is listed, a neighbour is trusted and no longer', async ({ browser }) => {
  test.slow();
  const page = await pageOf(browser, 'commander');
  await page.goto('/passes?view=keys');
  const own = page.getByRole('region', { name: say.ownKeys }).first();
  const rows = own.getByRole('row');
  await expect(rows).not.toHaveCount(0);
  const before = await rows.count();
  await own.getByRole('button', { name: say.rotate }).click();
  await expectAccessible(page);
  await own.getByRole('button', { name: say.rotate }).click();
  await expect(page.getByText(/signs from now on\./).first()).toBeVisible();
  await expect(rows).toHaveCount(before + 1);

  const neighbours = page.getByRole('region', { name: say.neighbourKeys }).first();
  await neighbours.getByRole('button', { name: say.trust }).click();
  await neighbours.getByLabel(say.trustList).fill('{}');
  await neighbours.getByRole('button', { name: say.trustRead }).click();
  await expect(neighbours.getByRole('alert')).toHaveText(say.trustWrong);
  const key = await neighbourKey();
  await neighbours.getByLabel(say.trustList).fill(JSON.stringify([key]));
  await neighbours.getByRole('button', { name: say.trustRead }).click();
  const name = say.trustThis(key.kid, key.issuer);
  await neighbours.getByRole('button', { name }).click();
  await expect(neighbours.getByText(say.trustAsk)).toBeVisible();
  await neighbours.getByRole('button', { name }).click();
  await expect(page.getByText(say.trusted(key.kid))).toBeVisible();
  const row = neighbours.getByRole('row', { name: new RegExp(key.kid) });
  await expect(row).toContainText(say.keyStates.in_use!);

  await row.getByRole('button', { name: say.revokeOf(key.kid) }).click();
  await row.getByLabel(fieldEn.reason).fill('their key was lost');
  await row.getByRole('button', { name: say.revoke, exact: true }).click();
  await expect(page.getByText(say.revoked(key.kid))).toBeVisible();
  await expect(row).toContainText(say.keyStates.revoked!);

  const officer = await pageOf(browser, 'area_officer');
  await officer.goto('/passes?view=keys');
  await expect(officer.getByText(say.onlyCommander)).toBeVisible();
  await expect(officer.getByRole('button', { name: say.rotate })).toHaveCount(0);
});

/** A key as another jurisdiction lists it: its number is the start of the key's own digest. */
async function neighbourKey() {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
  const point = Buffer.from(await crypto.subtle.exportKey('raw', pair.publicKey));
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', point));
  const at = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
  return {
    issuer: '330700',
    kid: digest.subarray(0, 8).toString('hex'),
    algorithm: 'ES256',
    public_key: point.toString('base64url'),
    valid_from: at(-1),
    valid_until: at(30),
  };
}

test('who may not read the field does not find the room', async ({ browser }) => {
  const page = await pageOf(browser, 'administrator');
  await page.goto('/passes');
  await expect(page.getByRole('heading', { name: words.en.frame.notHere })).toBeVisible();
});
