import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium, test as base, type BrowserContext, type Page } from '@playwright/test';

import { common as commonEn } from '../../web/field/i18n/common.en';
import { common as commonZh } from '../../web/field/i18n/common.zh';
import { FieldServer } from './field-server';
import type { Lang, Theme } from './test';

export const common = { en: commonEn, zh: commonZh };

export interface FieldLook {
  lang?: Lang;
  theme?: Theme;
  width?: number;
  large?: boolean;
}

/** A phone: narrow, touched, and with what it remembers. */
export async function dressed(
  page: Page,
  { lang = 'en', theme = 'light', large = false }: FieldLook,
): Promise<Page> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.addInitScript(
    ([chosen, print]) => {
      localStorage.setItem('lianfang.lang', chosen);
      if (print) localStorage.setItem('lianfang.print', print);
    },
    [lang, large ? 'large' : ''] as const,
  );
  return page;
}

interface Fixtures {
  server: FieldServer;
  phone: (look?: FieldLook) => Promise<Page>;
}

/** Each test has a server of its own, and phones that are thrown away with it. */
export const test = base.extend<Fixtures>({
  // Playwright asks for the pattern; it needs nothing of the others.
  // eslint-disable-next-line no-empty-pattern
  server: async ({}, use) => {
    const server = await new FieldServer().start();
    await use(server);
    await server.stop();
  },
  phone: async ({ browser, server }, use) => {
    const thrown: Error[] = [];
    await use(async (look = {}) => {
      const { width = 390 } = look;
      const context = await browser.newContext({
        baseURL: server.address,
        viewport: { width, height: width === 320 ? 568 : 844 },
        hasTouch: true,
      });
      const page = await dressed(await context.newPage(), look);
      page.on('pageerror', (error) => thrown.push(error));
      return page;
    });
    for (const context of browser.contexts()) await context.close();
    if (thrown.length > 0) throw thrown[0]!;
  },
});

/** A browser whose storage outlives it, so that it can be killed and opened again. */
export class Phone {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lianfang-phone-'));
  #context: BrowserContext | undefined;

  /** Opens it, with more for the browser to be started with. */
  async open(address: string, more: string[] = []): Promise<Page> {
    const { launchOptions = {} } = test.info().project.use;
    this.#context = await chromium.launchPersistentContext(this.#folder, {
      ...launchOptions,
      args: [...(launchOptions.args ?? []), ...more],
      baseURL: address,
      viewport: { width: 390, height: 844 },
      hasTouch: true,
    });
    return dressed(this.#context.pages()[0] ?? (await this.#context.newPage()), {});
  }

  get context(): BrowserContext {
    return this.#context!;
  }

  /** Ends the browser at once, as a phone whose battery is taken out. */
  async kill(): Promise<void> {
    const context = this.#context;
    if (!context) return;
    this.#context = undefined;
    const gone = new Promise((done) => context.once('close', done));
    const session = await context.newCDPSession(context.pages()[0]!);
    session.send('Browser.crash').catch(() => undefined);
    await gone;
  }

  throwAway(): void {
    // A killed browser may still be writing its last files: what is left then is the system's to clear.
    try {
      rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  }
}

export { expect } from '@playwright/test';
export type { Page };
