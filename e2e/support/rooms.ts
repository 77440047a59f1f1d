import type { Messages } from '../../web/src/lib/i18n/en';
import { expect, type Page } from './test';

/** Every page, who opens it, and what shows that it has been drawn. */
export interface Room {
  path: string;
  role: string | null;
  ready: (page: Page, words: Messages) => Promise<void>;
}

const heading = async (page: Page, name: string): Promise<void> => {
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
};

const firstRow = async (page: Page): Promise<void> => {
  await expect(page.locator('tbody tr').first()).toBeVisible();
};

export const rooms: Record<string, Room> = {
  login: {
    path: '/',
    role: null,
    ready: async (page, words) => {
      await heading(page, words.login.title);
      await expect(page.getByRole('heading', { name: words.login.demoTitle })).toBeVisible();
    },
  },
  morning: {
    path: '/morning',
    role: 'commander',
    ready: async (page) => {
      await expect(page.getByRole('img', { name: /Rt/ }).locator('svg')).toBeVisible();
    },
  },
  'case open': {
    path: '/cases',
    role: 'epidemiologist',
    ready: async (page, words) => {
      await heading(page, words.cases.title);
      await page.locator('[data-row]').first().click();
      await expect(page.getByRole('heading', { name: words.cases.history })).toBeVisible();
    },
  },
  'report a case': {
    path: '/cases?case=new',
    role: 'epidemiologist',
    ready: async (page, words) => {
      await heading(page, words.cases.title);
      await expect(page.getByRole('complementary').getByRole('heading', { level: 2 })).toBeVisible();
    },
  },
  contacts: {
    path: '/contacts',
    role: 'epidemiologist',
    ready: async (page, words) => {
      await heading(page, words.frame.contacts);
      await expect(page.locator('ul[aria-busy="false"]')).toBeVisible();
    },
  },
  chains: {
    path: '/chains',
    role: 'epidemiologist',
    ready: async (page, words) => {
      await heading(page, words.frame.chains);
      await expect(page.locator('dl strong').first()).toBeVisible();
    },
  },
  surveillance: {
    path: '/surveillance',
    role: 'epidemiologist',
    ready: async (page, words) => {
      await heading(page, words.frame.surveillance);
      await expect(page.locator('tbody tr').first()).toBeVisible();
    },
  },
  foresight: {
    path: '/foresight',
    role: 'commander',
    ready: async (page, words) => {
      await heading(page, words.frame.foresight);
      await expect(page.locator('.chart svg')).toBeVisible();
    },
  },
  'forecast record': {
    path: '/foresight?view=record&below=yes',
    role: 'commander',
    ready: async (page, words) => {
      await heading(page, words.frame.foresight);
      await expect(page.locator('tbody tr').first()).toBeVisible();
    },
  },
  'what if': {
    path: '/foresight?view=whatif',
    role: 'epidemiologist',
    ready: async (page, words) => {
      await heading(page, words.frame.foresight);
      await expect(page.locator('select[name=pack-0]')).toBeVisible();
    },
  },
  'matter open': {
    path: '/matters?view=all',
    role: 'commander',
    ready: async (page, words) => {
      await heading(page, words.matters.title);
      await page.locator('[data-row]').first().click();
      await expect(page.getByRole('heading', { name: words.matters.history })).toBeVisible();
    },
  },
  'new matter': {
    path: '/matters?view=all&matter=new',
    role: 'commander',
    ready: async (page, words) => {
      await expect(page.getByRole('heading', { name: words.matters.open })).toBeVisible();
    },
  },
  'public policy': {
    path: '/policy',
    role: null,
    ready: async (page, words) => {
      await heading(page, words.policy.publicTitle);
      await expect(page.getByRole('heading', { level: 2, name: words.policy.settings })).toBeVisible();
    },
  },
  policy: {
    path: '/policy',
    role: 'grid_worker',
    ready: async (page, words) => {
      await heading(page, words.policy.title);
      await expect(page.getByRole('heading', { level: 2, name: words.policy.settings })).toBeVisible();
    },
  },
  'policy version open': {
    path: '/policy?view=versions',
    role: 'commander',
    ready: async (page, words) => {
      await heading(page, words.policy.title);
      await page.locator('[data-row]').last().click();
      await expect(page.getByText(words.policy.tryThis)).toBeVisible();
    },
  },
  'new policy version': {
    path: '/policy?view=versions&version=new',
    role: 'epidemiologist',
    ready: async (page, words) => {
      await page.getByRole('button', { name: words.policy.startFrom }).click();
      await expect(page.getByRole('button', { name: words.policy.proposeNow })).toBeEnabled();
    },
  },
  'policy tried': {
    path: '/policy?view=try',
    role: 'auditor',
    ready: async (page, words) => {
      await expect(page.getByRole('heading', { name: words.policy.steps })).toBeVisible();
    },
  },
  imports: {
    path: '/imports',
    role: 'epidemiologist',
    ready: async (page, words) => heading(page, words.imports.title),
  },
  accounts: {
    path: '/accounts?account=new',
    role: 'administrator',
    ready: async (page, words) => {
      await heading(page, words.accounts.title);
      await expect(page.getByRole('button', { name: words.accounts.openNow })).toBeVisible();
    },
  },
  audit: {
    path: '/audit',
    role: 'auditor',
    ready: async (page, words) => {
      await heading(page, words.audit.title);
      await firstRow(page);
    },
  },
  tokens: {
    path: '/tokens',
    role: 'commander',
    ready: async (page, words) => heading(page, words.tokens.title),
  },
  password: {
    path: '/password',
    role: 'commander',
    ready: async (page, words) => heading(page, words.password.title),
  },
};
