import { test as base, expect, type APIRequestContext, type Browser, type Page } from '@playwright/test';

import { en, type Messages } from '../../web/src/lib/i18n/en';
import { zh } from '../../web/src/lib/i18n/zh';
import { demo, loginOf, type Login } from './demo';

export type Lang = 'en' | 'zh';
export type Theme = 'light' | 'dark';

export const words: Record<Lang, Messages> = { en, zh };

export interface Look {
  lang?: Lang;
  theme?: Theme;
  width?: number;
  height?: number;
}

async function dress(page: Page, { lang = 'en', theme = 'light' }: Look): Promise<void> {
  // Colours are read while they stand still.
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.addInitScript((chosen) => localStorage.setItem('lianfang.lang', chosen), lang);
}

/** Signs in without the form, which has its own tests. */
export async function signIn(request: APIRequestContext, login: Login): Promise<void> {
  const data = { login: login.login, password: login.password };
  const answer = await request.post('/api/session', { data });
  expect(answer.status(), `${login.login} signs in`).toBe(200);
}

/** A page of its own, signed in as somebody of the role; the context goes with the test's. */
export async function pageOf(browser: Browser, role: string | Login, look: Look = {}): Promise<Page> {
  const { width = 1366, height = 860 } = look;
  const context = await browser.newContext({ baseURL: demo().address, viewport: { width, height } });
  await signIn(context.request, typeof role === 'string' ? loginOf(role) : role);
  const page = await context.newPage();
  await dress(page, look);
  return page;
}

/** A page of somebody who has not signed in. */
export async function stranger(browser: Browser, look: Look = {}): Promise<Page> {
  const { width = 1366, height = 860 } = look;
  const context = await browser.newContext({ baseURL: demo().address, viewport: { width, height } });
  const page = await context.newPage();
  await dress(page, look);
  return page;
}

/** The token that changes need, as the session tells it. */
export async function csrf(page: Page): Promise<Record<string, string>> {
  const me = (await (await page.request.get('/api/session')).json()) as { csrf: string };
  return { 'x-csrf-token': me.csrf };
}

export const test = base.extend<{ quiet: void }>({
  // A page that throws is broken even where nobody looks.
  quiet: [
    async ({ browser }, use) => {
      const thrown: Error[] = [];
      const watch = (page: Page): unknown => page.on('pageerror', (error) => thrown.push(error));
      const newContext = browser.newContext.bind(browser);
      browser.newContext = async (options) => {
        const context = await newContext(options);
        context.on('page', watch);
        return context;
      };
      await use();
      for (const context of browser.contexts()) await context.close();
      browser.newContext = newContext;
      expect(thrown).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
export type { Page };
