import { AxeBuilder } from '@axe-core/playwright';

import { expect, test, type Page } from '../support/field-page';
import { screens } from '../support/field-screens';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const TARGET = 48;

async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page })
      .options({
        runOnly: { type: 'tag', values: RULES },
        rules: { 'color-contrast-enhanced': { enabled: true } },
      })
      .analyze();
    const found = violations.map(
      ({ id, nodes }) =>
        `${colorScheme} ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
    );
    expect(found).toEqual([]);
  }
}

/** What a gloved finger would miss. */
function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate((least) => {
    const targets = Array.from(
      document.querySelectorAll<HTMLElement>('button, a.button, summary, .toggle, .input, .choice'),
    );
    return targets
      .filter((target) => target.checkVisibility())
      .filter((target) => {
        const { width, height } = target.getBoundingClientRect();
        return width > 0 && (width < least - 0.5 || height < least - 0.5);
      })
      .map((target) => target.outerHTML.slice(0, 120));
  }, TARGET);
}

const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

for (const [name, show] of Object.entries(screens)) {
  for (const lang of ['en', 'zh'] as const) {
    test(`${name} (${lang}) fits 320 px, large print too, with targets for gloves, and keeps nobody out`, async ({
      phone,
      server,
    }) => {
      const page = await phone({ lang, width: 320 });
      await show(page, server);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(await tooSmall(page)).toEqual([]);
      await expectAccessible(page);
      await page.evaluate(() => document.documentElement.classList.add('large-print'));
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      if (process.env.E2E_SHOTS) {
        await page.evaluate(() => document.documentElement.classList.remove('large-print'));
        for (const colorScheme of ['light', 'dark'] as const) {
          for (const width of [320, 390]) {
            await page.emulateMedia({ colorScheme });
            await page.setViewportSize({ width, height: width === 320 ? 568 : 844 });
            const path = `${process.env.E2E_SHOTS}/${name}-${lang}-${colorScheme}-${width}.png`;
            await page.screenshot({ path, fullPage: true });
          }
        }
      }
    });
  }
}

test('what a phone opens first is small', async ({ phone, server }) => {
  const page = await phone();
  for (const path of ['gate', 'round', 'declare', 'me', 'verify', 'pass']) {
    const answer = await page.goto(`/${path}`);
    expect(answer?.status()).toBe(200);
    await expect(page.getByRole('banner')).toBeVisible();
    expect(await page.locator('script:not([src])').count()).toBe(0);
  }
  expect(server.paths).toContain('/gate');
});
