import { execFileSync } from 'node:child_process';

import { casework as say } from '../../web/src/lib/i18n/casework/en';
import { tracing as traceEn } from '../../web/src/lib/i18n/tracing/en';
import { tracing as traceZh } from '../../web/src/lib/i18n/tracing/zh';
import { expectAccessible } from '../support/axe';
import { daysAgo, named, reported } from '../support/casework';
import { demoData, loginOf } from '../support/demo';
import { expectFits, somebody, ulid } from '../support/entry';
import { post } from '../support/passes';
import { binary } from '../support/server';
import { expect, pageOf, test, words, type Lang, type Page } from '../support/test';
import { outing, type Outing } from '../support/visits';

const told: Record<Lang, typeof traceEn> = { en: traceEn, zh: traceZh };
const aside = (page: Page) => page.getByRole('complementary');

interface Answer {
  people_met: number;
  contacts: { person: string; minutes: number; risk: number; meetings: unknown }[];
}

async function trace(page: Page, said: typeof traceEn = traceEn): Promise<void> {
  await page.getByLabel(said.why, { exact: true }).fill('asked for in a test');
  await page.getByRole('button', { name: said.trace, exact: true }).click();
  await expect(page.getByRole('heading', { name: said.result })).toBeVisible();
}

test.describe('the room where visits are traced', () => {
  let there: Outing;

  test.beforeAll(async ({ browser }) => {
    there = await outing(browser);
  });

  for (const lang of ['en', 'zh'] as Lang[]) {
    test(`is accessible in ${lang}, light and dark`, async ({ browser }) => {
      test.slow();
      const page = await pageOf(browser, 'epidemiologist', { lang });
      await page.goto(`/trace?cases=${there.case}&order=2`);
      await trace(page, told[lang]);
      await expect(page.getByRole('img', { name: told[lang].pictureOf('2', '2') })).toBeVisible();
      await expectAccessible(page);
    });
  }

  for (const width of [1024, 390, 320]) {
    test(`fits ${width} px`, async ({ browser }) => {
      const page = await pageOf(browser, 'epidemiologist', { width, height: 800 });
      await page.goto(`/trace?cases=${there.case}`);
      await expectFits(page);
      await trace(page);
      await expectFits(page);
    });
  }
});

test('a case is traced from its page, and whom it met becomes a contact with one tap', async ({
  browser,
}) => {
  const there = await outing(browser);
  const page = await pageOf(browser, 'epidemiologist');
  await page.goto(`/cases?case=${there.case}`);
  await aside(page).getByRole('link', { name: traceEn.traceCase }).click();
  await expect(page).toHaveURL(new RegExp(`/trace\\?cases=${there.case}`));

  // Nobody is looked at without a reason.
  await page.getByLabel(traceEn.why, { exact: true }).fill('why');
  await page.getByRole('button', { name: traceEn.trace, exact: true }).click();
  await expect(page.getByRole('alert')).toHaveText(traceEn.tooShort);
  await trace(page);

  const table = page.getByRole('region', { name: traceEn.ranked }).getByRole('table');
  const rows = table.getByRole('row');
  await expect(rows).toHaveCount(3);
  // The one with most time together stands first: an hour in the restaurant, and twenty minutes on the coach.
  await expect(rows.nth(1)).toContainText('80 min');
  await expect(rows.nth(1)).toContainText(there.name);
  await expect(rows.nth(1)).toContainText('10:15–11:15');
  await expect(rows.nth(2)).toContainText('10 min');
  await expect(rows.nth(1)).toContainText(say.class.close!);

  const add = page.getByRole('button', { name: traceEn.nameN('1') });
  await rows.nth(1).getByRole('checkbox').check();
  await add.click();
  await expect(page.getByText(traceEn.named('1'))).toBeVisible();
  await expect(rows.nth(1)).toContainText(traceEn.isContact);
  await expect(rows.nth(1).getByRole('checkbox')).toHaveCount(0);

  await rows.nth(1).getByRole('link').first().click();
  await expect(page).toHaveURL(/\/contacts\?contact=/);
  const meetings = aside(page).getByRole('region', { name: say.meetings });
  await expect(meetings).toContainText(say.channels.visits!);
  await expect(meetings).toContainText(say.minutesN('60'));
});

test('who was at a place or on a vehicle is shown, and the case among them is traced', async ({
  browser,
}) => {
  const there = await outing(browser);
  const page = await pageOf(browser, 'epidemiologist');
  await page.goto('/trace');
  await page.getByRole('button', { name: traceEn.ways.vehicle!, exact: true }).click();
  await page.getByLabel(traceEn.vehicleSought).fill(there.place);
  await page.getByRole('button', { name: traceEn.find, exact: true }).click();
  await expect(page.getByText(traceEn.foundNone)).toBeVisible();
  await page.getByLabel(traceEn.vehicleSought).fill(there.vehicle);
  await page.getByRole('button', { name: traceEn.find, exact: true }).click();
  await page.getByRole('button', { name: /^Add Coach/ }).click();
  await trace(page);
  const rows = page.getByRole('region', { name: traceEn.ranked }).getByRole('row');
  await expect(rows).toHaveCount(4);
  await expect(rows.filter({ hasText: traceEn.isCase })).toHaveCount(1);
  // The others are judged by their time there together with the case.
  await expect(page.getByRole('checkbox', { name: traceEn.chooseAll })).toBeEnabled();
  await page.getByRole('link', { name: traceEn.traceThese('1') }).click();
  await expect(page).toHaveURL(new RegExp(`cases=${there.case}`));
  await expect(page.getByRole('heading', { name: traceEn.result })).toHaveCount(0);
});

test('a contact is traced by name, and the command line says the same', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  const officer = await pageOf(browser, 'area_officer');
  const area = loginOf('area_officer').area.code;
  const met = somebody();
  await named(page, await reported(page, {}, { area }), { given: met, area });
  const tail = ulid().slice(-8);
  const at = (hour: string): string => `${daysAgo(1)}T${hour}:00+08:00`;
  await post(officer, '/api/places', { code: `N${tail}`, name: `Noodles ${tail}`, area, kind: 'restaurant' });
  const visits = [
    { place: `N${tail}`, person: met.phone, from: at('10:00'), until: at('11:00') },
    { place: `N${tail}`, person: somebody().phone, from: at('10:30'), until: at('11:30') },
  ];
  await post(officer, '/api/visits', { visits });

  await page.goto('/trace');
  await page.getByRole('button', { name: traceEn.ways.person!, exact: true }).click();
  await page.getByLabel(traceEn.personSought).fill(met.name);
  await page.getByRole('button', { name: traceEn.find, exact: true }).click();
  const offer = page.getByRole('button', { name: /^Add / });
  await expect(offer.first()).toContainText(traceEn.asContact);
  await offer.first().click();
  await expect(page).toHaveURL(/people=[0-9A-Z]{26}/);
  expect(decodeURIComponent(page.url())).not.toContain(met.name);
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/trace'));
  await trace(page);
  const rows = page.getByRole('region', { name: traceEn.ranked }).getByRole('row');
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText('30 min');
  await expectAccessible(page);

  const shown = (await (await answered).json()) as Answer;
  const person = new URL(page.url()).searchParams.get('people')!;
  const arguments_ = ['trace', '--person', person, '--format', 'json', '--data-dir', demoData()];
  const told = JSON.parse(execFileSync(binary(), arguments_, { encoding: 'utf8' })) as Answer;
  const sums = ({ contacts }: Answer): unknown =>
    contacts.map(({ person, minutes, risk, meetings }) => ({ person, minutes, risk, meetings }));
  expect(sums(told)).toEqual(sums(shown));
  expect(told.people_met).toBe(shown.people_met);

  // By the id alone, on a phone.
  const phone = await pageOf(browser, 'epidemiologist', { lang: 'zh', width: 390, height: 844 });
  await phone.goto('/trace');
  await phone.getByRole('button', { name: traceZh.ways.person!, exact: true }).click();
  await phone.getByLabel(traceZh.personSought).fill(person);
  await phone.getByRole('button', { name: traceZh.find, exact: true }).click();
  await phone.getByRole('button', { name: traceZh.add(person.slice(-6)) }).click();
  await expect(phone.getByRole('group', { name: traceZh.chosen })).toContainText(person.slice(-6));
  await expectFits(phone);
});

test('cases chosen in the line list are traced together', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  await page.goto('/cases');
  const boxes = page.getByRole('checkbox', { name: /^Choose case/ });
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.getByRole('link', { name: traceEn.traceChosen('2') }).click();
  await expect(page.getByRole('group', { name: traceEn.chosen }).getByRole('button')).toHaveCount(2);
});

test('who may not look at people may not trace', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  await page.goto('/trace');
  await expect(page.getByRole('heading', { name: words.en.frame.notHere })).toBeVisible();
});

test('a view of the line list is saved, chosen, renamed and removed', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  const name = `Severe ones ${Date.now()}`;
  await page.goto('/cases?severity=severe&sort=reported');
  const menu = page.getByRole('button', { name: say.savedViews, exact: true });
  await menu.click();
  const form = page.getByRole('form', { name: say.saveView });
  await form.getByLabel(say.viewName).fill(name);
  await form.getByRole('button', { name: say.saveView }).click();
  const list = page.getByRole('list', { name: say.savedViews });
  await expect(list.getByRole('link', { name })).toHaveAttribute('aria-current', 'true');
  await form.getByLabel(say.viewName).fill(name);
  await form.getByRole('button', { name: say.saveView }).click();
  await expect(form.getByRole('alert')).toContainText('another view of this name');
  await expectAccessible(page);

  // Another session of the same account: the view is there, and its address says all that it shows.
  const later = await pageOf(browser, 'epidemiologist', { width: 390, height: 844 });
  await later.goto('/cases');
  await later.getByRole('button', { name: say.savedViews, exact: true }).click();
  await expectFits(later);
  await later.getByRole('list', { name: say.savedViews }).getByRole('link', { name }).click();
  await expect(later).toHaveURL(/\/cases\?severity=severe&sort=reported$/);
  await later.getByRole('button', { name: say.renameOf(name) }).click();
  const renaming = later.getByRole('form', { name: say.renameOf(name) });
  await renaming.getByLabel(say.viewName).fill(`${name} once more`);
  await renaming.getByRole('button', { name: say.rename, exact: true }).click();
  const renamed = later.getByRole('list', { name: say.savedViews }).getByRole('link', { name: /once more/ });
  await expect(renamed).toBeVisible();
  await later.getByRole('button', { name: say.removeOf(`${name} once more`) }).click();
  await expect(renamed).toHaveCount(0);

  const other = await pageOf(browser, 'area_officer');
  await other.goto('/cases');
  await other.getByRole('button', { name: say.savedViews, exact: true }).click();
  await expect(other.getByRole('link', { name })).toHaveCount(0);
});

test('a contact who was named before is offered, and put under watch', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  const met = somebody();
  await named(page, await reported(page), { given: met });
  const second = await reported(page);
  await page.goto(`/cases?case=${second}`);
  await aside(page).getByRole('button', { name: say.nameContact }).click();
  const form = aside(page).getByRole('form', { name: say.nameContact });
  await form.getByLabel(say.personName, { exact: true }).fill(met.name);
  await form.getByLabel(say.phone, { exact: true }).fill(met.phone);
  await form.getByRole('button', { name: say.nameNow, exact: true }).click();
  await expect(form.getByRole('group', { name: say.alikeTitle })).toBeVisible();
  await form.getByRole('button', { name: /^The same person as/ }).click();
  await expect(aside(page).getByText(say.contactsOf('1'), { exact: true })).toBeVisible();
  const contacts = aside(page).getByRole('region', { name: say.contacts, exact: true });
  await contacts.getByRole('listitem').getByRole('link').click();

  await aside(page).getByRole('button', { name: say.watchNow }).click();
  const watch = aside(page).getByRole('form', { name: say.watchNow });
  await watch.getByLabel(say.homeSuits).check();
  await watch.getByLabel(say.needsCare).check();
  await expectAccessible(page);
  await watch.getByRole('button', { name: /as the policy says/ }).click();
  await expect(aside(page).getByText(say.status.watched!, { exact: true }).first()).toBeVisible();
  await expect(aside(page).getByRole('button', { name: say.watchNow })).toHaveCount(0);
});

test('the follow-up list of a past day is as that day was', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist', { width: 390, height: 844 });
  await page.goto(`/contacts?view=due&day=${daysAgo(1)}`);
  await expect(page.getByText(/^As .* was:/)).toBeVisible();
  await expectFits(page);
  await expectAccessible(page);
  await page.getByRole('link', { name: say.today, exact: true }).click();
  await expect(page).not.toHaveURL(/day=/);
});
