import { CERTIFICATE, CODE, kit, me, released, residents } from './field-data';
import { CHILD_CODE, PASS_CODE } from './field-pass';
import { expect, type Page } from './field-page';
import type { FieldServer } from './field-server';
import { Issuer } from './pass-codes';

type Show = (page: Page, server: FieldServer) => Promise<void>;

const gate = async (page: Page, compound = false): Promise<void> => {
  await page.goto('/gate');
  await page
    .locator('main .choice')
    .nth(compound ? 1 : 0)
    .click();
  await expect(page.locator('[data-list="expected"] button').first()).toBeVisible();
};

const measured = async (page: Page, digits: string): Promise<void> => {
  for (const digit of digits) await page.keyboard.press(digit);
  await expect(page.locator('[data-outcome]')).toBeVisible();
};

const pass = async (page: Page): Promise<void> => {
  await page.goto(`/pass#${PASS_CODE}`);
  await expect(page.locator('[data-colour] svg[role="img"]')).toBeVisible();
};

const declare = async (page: Page): Promise<void> => {
  await page.goto('/declare');
  await page.locator('main .button.primary').click();
  await expect(page.locator('#name')).toBeVisible();
};

const HOUR = 60 * 60_000;

/** Where passes are shown. */
async function passes(page: Page): Promise<void> {
  await gate(page);
  await page.locator('.first .button').nth(1).click();
  await expect(page.locator('#typed')).toBeVisible();
}

/** A pass of ours, and what the server makes of it. */
async function shown(page: Page, server: FieldServer, answer: object, hours = 0): Promise<void> {
  const issuer = new Issuer();
  server.keys = [issuer.listed()];
  server.scanned = () => answer;
  const keys = page.waitForResponse('**/api/pass-keys');
  await passes(page);
  await keys;
  if (hours > 0) await page.clock.setSystemTime(Date.now() + hours * HOUR);
  await page.locator('#typed').fill(issuer.pass({ from: hours * 60 - 5 }));
  await page.locator('#typed').press('Enter');
  await expect(page.locator('[data-answer]')).toBeVisible();
}

/** Every screen of the field and citizen pages, and how one comes to it. */
export const screens: Record<string, Show> = {
  'gate-choose': async (page) => {
    await page.goto('/gate');
    await expect(page.locator('main .choice').first()).toBeVisible();
  },
  'gate-who': (page) => gate(page),
  'gate-compound': async (page, server) => {
    server.kit = { ...kit, residents };
    await gate(page, true);
  },
  'gate-person': async (page) => {
    await gate(page);
    await page.locator('.first .button').nth(2).click();
    await page.locator('#document').fill('11010519491231002X');
  },
  'gate-journey': async (page) => {
    await gate(page);
    await page.locator('.first .button').nth(2).click();
    await page.locator('#name').fill('王小明');
    await page.locator('form .primary').click();
    await expect(page.locator('#from')).toBeVisible();
  },
  'gate-check': async (page) => {
    await gate(page);
    await page.locator('[data-list="expected"] button').nth(0).click();
    await expect(page.locator('.keys')).toBeVisible();
  },
  'gate-symptoms': async (page) => {
    await gate(page);
    await page.locator('[data-list="expected"] button').nth(0).click();
    await page.locator('.parts .button').first().click();
  },
  'gate-pass': async (page) => {
    await gate(page);
    await page.locator('[data-list="expected"] button').nth(0).click();
    await measured(page, '365');
  },
  'gate-site': async (page) => {
    await gate(page);
    await page.locator('[data-list="expected"] button').nth(2).click();
    await measured(page, '365');
  },
  'gate-clinic': async (page) => {
    await gate(page);
    await page.locator('[data-list="expected"] button').nth(2).click();
    await measured(page, '389');
  },
  'gate-refused': async (page, server) => {
    server.refuse = () => ({ code: 'x', message: { en: 'Look at the temperature.', zh: '请核对体温。' } });
    await gate(page);
    await page.locator('[data-list="expected"] button').nth(0).click();
    await measured(page, '365');
    await expect(page.locator('[data-strip="look"]')).toBeVisible();
    await page.locator('[data-strip]').click();
    await expect(page.locator('[data-refused]')).toBeVisible();
  },
  'gate-scan': (page) => passes(page),
  'gate-scan-green': (page, server) => shown(page, server, { result: 'valid', colour: 'green', taken: true }),
  'gate-scan-yellow': (page, server) =>
    shown(page, server, { result: 'no_visit', reason: 'place', colour: 'yellow', taken: false }),
  'gate-scan-red': async (page, server) => {
    await shown(page, server, { result: 'neighbour', colour: 'red', taken: false });
  },
  'gate-scan-refused': (page, server) =>
    shown(page, server, { result: 'replayed', reason: 'replayed', taken: false }),
  'gate-scan-offline': async (page, server) => {
    server.overloaded = true;
    await page.clock.install();
    await shown(page, server, { result: 'valid', colour: 'green', taken: true }, 25);
    await expect(page.locator('[data-list="old"]')).toBeVisible();
  },
  'gate-sign-in': async (page, server) => {
    server.signedIn = false;
    await page.goto('/gate');
    await expect(page.locator('input[type="password"]')).toBeVisible();
  },
  'gate-sign-out': async (page, server) => {
    server.refuse = () => ({ code: 'x', message: { en: 'Look at the temperature.', zh: '请核对体温。' } });
    await gate(page);
    await page.locator('[data-list="expected"] button').nth(0).click();
    await measured(page, '365');
    await expect(page.locator('[data-strip="look"]')).toBeVisible();
    await page.locator('header summary').click();
    await page.locator('[aria-labelledby="sign-out"] .button').click();
    await expect(page.locator('[aria-labelledby="sign-out"]').getByRole('alert')).toBeVisible();
  },
  'round-areas': async (page, server) => {
    server.tooLarge = me.home.code;
    await page.goto('/round');
    await expect(page.locator('[data-list="areas"] .choice')).toHaveCount(2);
  },
  round: async (page) => {
    await page.goto('/round');
    await expect(page.locator('[data-list="people"] button').first()).toBeVisible();
  },
  'round-person': async (page) => {
    await page.goto('/round');
    await page.locator('[data-list="people"] button').nth(2).click();
    await expect(page.locator('[data-value]').first()).toBeVisible();
  },
  'round-doors': async (page) => {
    await page.goto('/round');
    await page.locator('.tabs .button').nth(1).click();
    await expect(page.locator('[data-list="doors"]')).toBeVisible();
  },
  'round-visit': async (page) => {
    await page.goto('/round');
    await page.locator('.tabs .button').nth(1).click();
    await page.locator('[data-list="doors"] button').first().click();
    await expect(page.locator('.most')).toBeVisible();
  },
  declare: async (page) => {
    await page.goto('/declare');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  },
  'declare-name-missing': async (page) => {
    await declare(page);
    await page.locator('form .primary').click();
    await expect(page.getByRole('alert')).toBeVisible();
  },
  'declare-receipt': async (page) => {
    await declare(page);
    await page.locator('#name').fill('王小明');
    await page.locator('form .primary').click();
    await page.locator('#document').fill('11010519491231002X');
    await page.locator('form .primary').click();
    await page.locator('#phone').fill('13800138000');
    await page.locator('form .primary').click();
    await page.locator('#from').fill('420100');
    await page.locator('main .toggles .choice').click();
    await page.locator('form .primary').click();
    await page.locator('main .toggle').nth(2).click();
    await page.locator('form .primary').click();
    await expect(page.locator('#day')).toBeVisible();
    await page.locator('form .primary').click();
    await page.locator('#address').fill('3-1-201');
    await page.locator('form .primary').click();
    await page.locator('main .toggle').first().click();
    await page.locator('form .primary').click();
    await page.locator('main > .primary').click();
    await expect(page.locator('[data-receipt] svg')).toBeVisible();
  },
  'me-code': async (page) => {
    await page.goto('/me');
    await expect(page.locator('#code')).toBeVisible();
  },
  me: async (page) => {
    await page.goto(`/me#${CODE}`);
    await expect(page.locator('[data-checks]')).toBeVisible();
  },
  'me-released': async (page, server) => {
    server.standing = released;
    await page.goto(`/me#${CODE}`);
    await expect(page.locator('.certificate svg')).toBeVisible();
  },
  verify: async (page) => {
    await page.goto(`/verify#${encodeURIComponent(CERTIFICATE)}`);
    await expect(page.locator('[data-valid]')).toBeVisible();
  },
  'pass-code': async (page) => {
    await page.goto('/pass');
    await expect(page.locator('#code')).toBeVisible();
  },
  'pass-ask': async (page) => {
    await page.goto('/pass');
    await page.locator('[aria-labelledby="ask"] .button').click();
    await page.locator('#document').fill('E12345678');
    await page.locator('form .primary').click();
    await expect(page.getByRole('alert')).toBeVisible();
  },
  'pass-waiting': async (page, server) => {
    server.desk.state = 'waiting';
    await page.goto(`/pass#${PASS_CODE}`);
    await expect(page.locator('[data-state="waiting"] svg')).toBeVisible();
  },
  'pass-green': (page) => pass(page),
  'pass-yellow': async (page, server) => {
    server.desk.colour = 'yellow';
    server.desk.appeals.push({ about: 'contact', reason: 'not_there' });
    await pass(page);
  },
  'pass-red': async (page, server) => {
    server.desk.colour = 'red';
    await pass(page);
    await page.locator('[data-report] .button').click();
    await page.locator('[aria-labelledby="appeal"] .button').click();
    await page.locator('[aria-labelledby="certificate"] .button').click();
  },
  'pass-member': async (page) => {
    await pass(page);
    await page.locator('[data-list="family"] .choice').click();
    await expect(page.locator('[data-colour]')).toContainText('1214');
    await expect(page.locator('main')).not.toContainText(CHILD_CODE);
  },
  'pass-expired': async (page, server) => {
    server.desk.validMs = -60_000;
    await page.goto(`/pass#${PASS_CODE}`);
    await expect(page.locator('[data-colour="none"]')).toBeVisible();
  },
  'pass-ended': async (page, server) => {
    server.desk.state = 'ended';
    await page.goto(`/pass#${PASS_CODE}`);
    await page.waitForLoadState('networkidle');
    await expect(page.locator('main h1')).toBeVisible();
  },
};
