import { expectAccessible } from '../support/axe';
import { rooms, type Room } from '../support/rooms';
import { expect, pageOf, stranger, test, words, type Lang, type Look, type Page } from '../support/test';
import type { Browser } from '@playwright/test';

async function open(browser: Browser, room: Room, look: Look): Promise<Page> {
  const page = room.role === null ? await stranger(browser, look) : await pageOf(browser, room.role, look);
  await page.goto(room.path);
  await room.ready(page, words[look.lang ?? 'en']);
  return page;
}

for (const [name, room] of Object.entries(rooms)) {
  for (const lang of ['en', 'zh'] as Lang[]) {
    test(`${name} is accessible in ${lang}, light and dark`, async ({ browser }) => {
      const page = await open(browser, room, { lang });
      await expectAccessible(page);
    });
  }

  test(`${name} fits a phone`, async ({ browser }) => {
    const page = await open(browser, room, { width: 390, height: 844 });
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
  });
}
