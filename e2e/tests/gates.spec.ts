import { fieldwork as en } from '../../web/src/lib/i18n/fieldwork/en';
import { gates as gatesEn } from '../../web/src/lib/i18n/gates/en';
import { gates as gatesZh } from '../../web/src/lib/i18n/gates/zh';
import { expectAccessible } from '../support/axe';
import {
  checked,
  checkpoint,
  ends,
  expectFits,
  journey,
  received,
  sent,
  somebody,
  taken,
} from '../support/entry';
import { expect, pageOf, test, words, type Lang, type Page } from '../support/test';
import type { Browser } from '@playwright/test';

const say = gatesEn;
const said: Record<Lang, typeof gatesEn> = { en: gatesEn, zh: gatesZh };

const aside = (page: Page) => page.getByRole('complementary');
const firstRow = (page: Page) => page.locator('[data-row]').first();

interface Tab {
  path: string;
  ready: (page: Page, told: typeof gatesEn) => Promise<void>;
}

const tabs: Record<string, Tab> = {
  'arrival open': {
    path: '/gates',
    ready: async (page, told) => {
      await firstRow(page).click();
      await expect(page.getByRole('heading', { name: told.notices })).toBeVisible();
    },
  },
  'look-alikes': {
    path: '/gates?view=alike',
    ready: async (page, told) => {
      await expect(page.getByRole('button', { name: told.samePerson }).first()).toBeVisible();
    },
  },
  'hand-over open': {
    path: '/gates?view=handovers&ended=too',
    ready: async (page, told) => {
      await firstRow(page).click();
      await expect(aside(page).getByText(told.mustReceive)).toBeVisible();
    },
  },
  'new hand-over': {
    path: '/gates?view=handovers&handover=new',
    ready: async (page, told) => {
      await expect(aside(page).getByLabel(told.mustReceive)).toBeVisible();
    },
  },
  'checkpoint open': {
    path: '/gates?view=checkpoints',
    ready: async (page, told) => {
      await firstRow(page).click();
      await expect(page.getByRole('heading', { name: told.queue })).toBeVisible();
    },
  },
  foreseen: {
    path: '/gates?view=foreseen',
    ready: async (page, told) => {
      await expect(page.getByRole('img').first().locator('svg')).toBeVisible();
      await expect(page.getByRole('heading', { name: told.byGate })).toBeVisible();
    },
  },
};

/** Two records that look alike, and somebody who waits to be handed over: for tabs that show such. */
async function prepare(browser: Browser): Promise<void> {
  const at = await ends(browser);
  await alikePair(at.officer, at.county);
  await checked(at, await checkpoint(at));
}

async function alikePair(officer: Page, county: string): Promise<[string, string]> {
  const person = somebody();
  const coming = journey({ bound_for: county });
  const notice = { kind: 'notice', person, coming, arrived: true };
  const one = await taken(officer, { ...notice, source: 'list', list: 'G-train' });
  const other = await taken(officer, { ...notice, source: 'canvass' });
  return [one.id, other.id];
}

test.describe('each tab', () => {
  test.beforeAll(async ({ browser }) => prepare(browser));

  for (const [name, tab] of Object.entries(tabs)) {
    for (const lang of ['en', 'zh'] as Lang[]) {
      test(`${name} is accessible in ${lang}, light and dark`, async ({ browser }) => {
        const page = await pageOf(browser, 'area_officer', { lang });
        await page.goto(tab.path);
        await tab.ready(page, said[lang]);
        await expectAccessible(page);
      });
    }

    for (const width of [1024, 390]) {
      test(`${name} fits ${width} px`, async ({ browser }) => {
        const page = await pageOf(browser, 'area_officer', { width, height: 800 });
        await page.goto(tab.path);
        await tab.ready(page, say);
        await expectFits(page);
      });
    }
  }
});

test('the room is entered by key, and its rows are walked by keys', async ({ browser }) => {
  const page = await pageOf(browser, 'area_officer');
  await page.goto('/morning');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await expect(page.getByRole('heading', { level: 1, name: words.en.frame.gates })).toBeVisible();
  await expect(firstRow(page)).toBeVisible();
  await page.keyboard.press('j');
  await expect(firstRow(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: say.notices })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(aside(page)).toHaveCount(0);
});

test('where everybody stands leads to those who stand there, and a filter goes as a word', async ({
  browser,
}) => {
  const page = await pageOf(browser, 'area_officer');
  await page.goto('/gates');
  const stage = page.getByRole('link', { name: new RegExp(`${en.stages.watched}$`) }).first();
  const people = Number((await stage.locator('strong').textContent())!.replaceAll(',', ''));
  await stage.click();
  await expect(page).toHaveURL(/stage=watched/);
  await expect(page.getByText(new RegExp(` of ${people}$`))).toBeVisible();
  await expect(page.locator('tbody td').getByText(en.stages.watched!, { exact: true }).first()).toBeVisible();
  await page.getByRole('button', { name: words.en.common.removeFilter }).click();
  await expect(page).not.toHaveURL(/stage=/);
});

test('somebody is found by phone, and the phone stands in no address', async ({ browser }) => {
  const at = await ends(browser);
  const person = somebody();
  const coming = journey({ bound_for: at.county });
  await taken(at.officer, { kind: 'notice', source: 'list', person, coming, arrived: true });

  const page = at.officer;
  await page.goto('/gates');
  await page.getByRole('searchbox', { name: say.find }).fill(person.phone);
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 of 1', { exact: true })).toBeVisible();
  await firstRow(page).click();
  await expect(aside(page).getByText(en.sources.list!).first()).toBeVisible();
  expect(page.url()).not.toContain(person.phone);
  await expect(page.getByText(person.name, { exact: true })).toHaveCount(0);
});

test('a look-alike is confirmed with one tap, and taken apart again', async ({ browser }) => {
  const at = await ends(browser);
  const [one, other] = await alikePair(at.officer, at.county);
  const page = at.officer;
  await page.goto(`/gates?entrant=${one}`);
  await expect(aside(page).getByText(say.alsoSame('phone'))).toBeVisible();
  await aside(page).getByRole('button', { name: say.samePerson }).click();
  await expect(aside(page).getByRole('heading', { name: say.records })).toBeVisible();
  await expect(aside(page).getByText(en.sources.canvass!).first()).toBeVisible();

  await aside(page).getByRole('button', { name: say.takeApart }).click();
  await aside(page).getByLabel(en.reason).fill('Two cousins of one name');
  await aside(page).getByRole('button', { name: en.send }).click();
  await expect(aside(page).getByText(say.parted)).toBeVisible();
  await expect(aside(page).getByRole('heading', { name: say.records })).toHaveCount(0);
  const apart = await page.request.get(`/api/entrants/${other}`);
  expect(((await apart.json()) as { entrant: string }).entrant).toBe(other);
});

test('the queue keeps an answer where it stood, with the way back', async ({ browser }) => {
  const at = await ends(browser);
  const [one] = await alikePair(at.officer, at.county);
  const page = at.officer;
  await page.goto('/gates?view=alike');
  const mine = page.locator('li', { has: page.locator(`a[href*="${one}"]`) });
  const place = await mine.evaluate((item) => Array.from(item.parentElement!.children).indexOf(item));
  const pair = page.getByRole('list', { name: say.view.alike }).getByRole('listitem').nth(place);
  await pair.getByRole('button', { name: say.samePerson }).click();
  await pair.getByRole('button', { name: say.takeApart }).click();
  await expect(pair.getByRole('button', { name: say.twoPeople })).toBeVisible();
  await pair.getByRole('button', { name: say.twoPeople }).click();
  await expect(pair.getByRole('button', { name: say.joinAfterAll })).toBeVisible();
});

test('people are sent by the gate and received by somebody else, one of them missing', async ({
  browser,
}) => {
  const at = await ends(browser);
  const gate = await checkpoint(at);
  const [one, two] = [await checked(at, gate, true), await checked(at, gate, true)];
  expect(one.triage).toBe('home_quarantine');

  const sender = at.gate;
  await sender.goto(`/gates?view=handovers&handover=new&with=${one.entrant}`);
  const form = aside(sender);
  await expect(form.getByRole('button', { name: say.sendPeople('1') })).toBeEnabled();
  const shown = await sender.request.get(`/api/entrants/${two.entrant}`);
  const { name, tail } = (await shown.json()) as { name: string; tail: string | null };
  await form
    .locator('li', { hasText: tail ? `${name} …${tail}` : name })
    .getByRole('checkbox')
    .last()
    .check();
  await form.getByLabel(say.vehicle).fill('浙D 88888');
  await form.getByLabel(say.expectedLabel).fill('2020-01-01T08:00');
  await form.getByRole('button', { name: say.sendPeople('2') }).click();
  await expect(form.getByRole('alert')).toContainText('after they left');
  const later = await sender.evaluate(() => {
    const time = new Date(Date.now() + 3 * 3_600_000);
    const pad = (n: number) => String(n).padStart(2, '0');
    return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}T${pad(time.getHours())}:${pad(time.getMinutes())}`;
  });
  await form.getByLabel(say.expectedLabel).fill(later);
  await form.getByRole('button', { name: say.sendPeople('2') }).click();
  await expect(form.getByText(say.otherReceives)).toBeVisible();
  const handover = new URL(sender.url()).searchParams.get('handover')!;
  expect(handover).not.toBe('new');

  const receiver = at.officer;
  await receiver.goto(`/gates?view=handovers&handover=${handover}`);
  const detail = aside(receiver);
  await expect(detail.getByRole('button', { name: say.receiveAll('2') })).toBeVisible();
  await detail.getByRole('checkbox').last().uncheck();
  await detail.getByRole('button', { name: say.receiveSome('1', '1') }).click();
  await expect(detail.getByText(say.receivedSaid('1', '1'))).toBeVisible();
  await expect(detail.getByText(en.stages.to_place!)).toBeVisible();
  await expect(detail.getByText(en.stages.missing!, { exact: true })).toBeVisible();
});

test('a hand-over that has been received meanwhile is refused in words', async ({ browser }) => {
  const at = await ends(browser);
  const { entrant } = await checked(at, await checkpoint(at), true);
  const handover = await sent(at, [entrant], { receiver: 'community' });
  const page = at.officer;
  await page.goto(`/gates?view=handovers&handover=${handover}`);
  const receive = aside(page).getByRole('button', { name: say.receiveAll('1') });
  await expect(receive).toBeVisible();
  await taken(page, { kind: 'receive', handover, entrants: [entrant] });
  await receive.click();
  await expect(aside(page).getByRole('alert')).toContainText('received already');
});

test('whoever was received is put under watch from the arrival', async ({ browser }) => {
  const at = await ends(browser);
  const { entrant } = await checked(at, await checkpoint(at), true);
  await received(at, [entrant], { receiver: 'community' });
  const page = at.officer;
  await page.goto(`/gates?entrant=${entrant}`);
  await aside(page).getByRole('link', { name: say.putUnderWatch }).click();
  await expect(page).toHaveURL(/quarantine\?view=place/);
});

test('what may be said of an arrival is offered to those who may say it', async ({ browser }) => {
  const at = await ends(browser);
  const notice = { kind: 'notice', source: 'canvass', person: somebody() };
  const here = await taken(at.officer, {
    ...notice,
    coming: journey({ bound_for: at.county }),
    arrived: true,
  });
  const arrival = new Date(Date.now() + 3 * 3_600_000).toISOString();
  const coming = journey({ bound_for: at.county, arrival });
  const awaited = await taken(at.officer, { ...notice, person: somebody(), coming, arrived: false });

  // A gate says who did not come, and not where somebody stands.
  await at.gate.goto(`/gates?entrant=${here.id}`);
  await expect(aside(at.gate).getByRole('heading', { name: say.notices })).toBeVisible();
  await expect(aside(at.gate).getByText(say.settle, { exact: true })).toHaveCount(0);
  await at.gate.goto(`/gates?entrant=${awaited.id}`);
  await aside(at.gate).getByText(say.didNotCome, { exact: true }).click();
  await aside(at.gate).getByLabel(en.reason).fill('Took a later train');
  await aside(at.gate).getByRole('button', { name: en.send }).click();
  await expect(aside(at.gate).getByText(en.stages.not_come!)).toBeVisible();

  // Nobody passes by word.
  const page = at.officer;
  await page.goto(`/gates?entrant=${here.id}`);
  await aside(page).getByText(say.settle, { exact: true }).click();
  const stands = aside(page).getByLabel(say.standsNow);
  await expect(stands.locator('option')).toHaveText(
    ['to_place', 'to_send', 'handed_on', 'gone', 'missing'].map((stage) => en.stages[stage]!),
  );
  await stands.selectOption('gone');
  await aside(page).getByLabel(en.reason).fill('Went on the same evening');
  await aside(page).getByRole('button', { name: en.send }).click();
  await expect(aside(page).getByText(en.stages.gone!).first()).toBeVisible();
});

test('a checkpoint is set up, staffed, and refuses more lanes than it has', async ({ browser }) => {
  const page = await pageOf(browser, 'area_officer');
  const name = `东门${Date.now()}`;
  await page.goto('/gates?view=checkpoints&gate=new');
  const form = aside(page);
  await form.getByLabel(say.nameZh, { exact: true }).fill(name);
  await form.getByLabel(say.kind).selectOption('railway');
  await form.getByLabel(say.lanesAtOnce).fill('2');
  await form.getByRole('button', { name: say.setUp, exact: true }).click();
  await expect(form.getByRole('heading', { name })).toBeVisible();
  await expect(form.getByText(say.nobodyOnDuty)).toBeVisible();

  await form.getByText(say.setShift, { exact: true }).click();
  const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  await form.getByLabel(say.shiftFrom).fill(`${day}T00:00`);
  await form.getByLabel(say.shiftUntil).fill(`${day}T23:59`);
  await form.getByLabel(say.staffOnDuty).fill('4');
  await form.getByLabel(say.lanesOpen).fill('3');
  await form.getByRole('button', { name: say.setShiftNow }).click();
  await expect(form.getByRole('alert')).toContainText('At most 2 lanes');
  await form.getByLabel(say.lanesOpen).fill('2');
  await form.getByRole('button', { name: say.setShiftNow }).click();
  await expect(form.getByText(say.duty('4', '2'))).toBeVisible();
});

test('the wave is drawn with what it needs, and its table says the same', async ({ browser }) => {
  const page = await pageOf(browser, 'area_officer');
  const answer = page.waitForResponse((response) => response.url().includes('/api/entry/foreseen'));
  await page.goto('/gates?view=foreseen');
  const { days } = (await (await answer).json()) as { days: { expected: number | null }[] };
  await expect(page.getByRole('region', { name: say.dayByDay }).locator('tbody tr')).toHaveCount(days.length);
  await expect(
    page
      .getByRole('img', { name: /expected/ })
      .locator('svg')
      .first(),
  ).toBeVisible();
});

test('who has no right in the field sees no such room', async ({ browser }) => {
  const page = await pageOf(browser, 'enterprise_contact');
  await page.goto('/gates');
  await expect(page.getByRole('heading', { name: words.en.frame.notHere })).toBeVisible();
});
