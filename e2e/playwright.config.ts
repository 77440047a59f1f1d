import { defineConfig } from '@playwright/test';

// Days that the tests reckon are those of the browser.
process.env.TZ = 'Asia/Shanghai';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default defineConfig({
  // A browser on a machine that does much else at once may be late: once more, and it is said.
  retries: 1,
  testDir: './tests',
  globalSetup: './support/server.ts',
  workers: Number(process.env.E2E_WORKERS ?? 2),
  fullyParallel: true,
  forbidOnly: true,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1366, height: 860 },
    locale: 'en-GB',
    timezoneId: 'Asia/Shanghai',
    acceptDownloads: true,
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS },
  },
});
