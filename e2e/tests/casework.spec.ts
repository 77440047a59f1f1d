import { casework as caseworkEn } from '../../web/src/lib/i18n/casework/en';
import { casework as caseworkZh } from '../../web/src/lib/i18n/casework/zh';
import { fieldwork as fieldEn } from '../../web/src/lib/i18n/fieldwork/en';
import { fieldwork as fieldZh } from '../../web/src/lib/i18n/fieldwork/zh';
import { expectAccessible } from '../support/axe';
import { daysAgo, named, reported } from '../support/casework';
import { loginOf } from '../support/demo';
import { expectFits, journey, somebody, taken, ulid } from '../support/entry';
import { post } from '../support/passes';
import { csrf, expect, pageOf, test, words, type Lang, type Page } from '../support/test';

const say = caseworkEn;
const said: Record<Lang, typeof caseworkEn> = { en: caseworkEn, zh: caseworkZh };

const aside = (page: Page) => page.getByRole('complementary');

interface View {
  path: (ids: { case: string; contact: string }) => string;
  ready: (page: Page, told: typeof caseworkEn) => Promise<void>;
}

const views: Record<string, View> = {
  'case with contacts': {
    path: (ids) => `/cases?case=${ids.case}`,
    ready: async (page, told) => {
      await expect(aside(page).getByText(told.contactsOf('1'), { exact: true })).toBeVisible();
      await expect(aside(page).getByText(told.noProposed)).toBeVisible();
    },
  },
  'forms of the investigation': {
    path: (ids) => `/cases?case=${ids.case}`,
    ready: async (page, told) => {
      const forms = [told.revise, told.addSample, told.addStay, told.nameContact, told.stateLink];
      for (const name of forms) {
        await aside(page).getByRole('button', { name, exact: true }).click();
        await expect(aside(page).getByRole('form', { name })).toBeVisible();
      }
    },
  },
  'report form': {
    path: () => '/cases?case=new',
    ready: async (page, told) => {
      await expect(aside(page).getByRole('button', { name: told.reportNow, exact: true })).toBeVisible();
      await aside(page).getByText(told.more, { exact: true }).click();
    },
  },
  'cases chosen': {
    path: () => '/cases',
    ready: async (page, told) => {
      await page.getByRole('checkbox', { name: told.selectAll }).check();
      await expect(page.getByRole('form', { name: told.bulk })).toBeVisible();
    },
  },
  'contact open': {
    path: (ids) => `/contacts?contact=${ids.contact}`,
    ready: async (page, told) => {
      await expect(aside(page).getByRole('heading', { name: told.meetings })).toBeVisible();
      await aside(page).getByRole('button', { name: told.ill }).click();
    },
  },
  'contacts to follow': {
    path: () => '/contacts?view=due',
    ready: async (page, told) => {
      await expect(page.getByRole('region', { name: told.dueList })).toBeVisible();
    },
  },
};

test.describe('each view', () => {
  let ids = { case: '', contact: '' };

  test.beforeAll(async ({ browser }) => {
    const page = await pageOf(browser, 'epidemiologist');
    const one = await reported(page);
    ids = { case: one, contact: await named(page, one) };
  });

  for (const [name, view] of Object.entries(views)) {
    for (const lang of ['en', 'zh'] as Lang[]) {
      test(`${name} is accessible in ${lang}, light and dark`, async ({ browser }) => {
        // Every form at once beside a long list: much to look through, twice.
        test.slow();
        const page = await pageOf(browser, 'epidemiologist', { lang });
        await page.goto(view.path(ids));
        await view.ready(page, said[lang]);
        await expectAccessible(page);
      });
    }

    for (const width of [1024, 390, 320]) {
      test(`${name} fits ${width} px`, async ({ browser }) => {
        const page = await pageOf(browser, 'epidemiologist', { width, height: 800 });
        await page.goto(view.path(ids));
        await view.ready(page, say);
        await expectFits(page);
      });
    }
  }
});

test('a case is reported and investigated; its contact is told, followed, and becomes a case', async ({
  browser,
}) => {
  const page = await pageOf(browser, 'epidemiologist');
  const detail = aside(page);
  const ill = somebody();
  await page.goto('/cases');
  await page.getByRole('link', { name: say.report }).click();
  await detail.getByRole('button', { name: say.reportNow, exact: true }).click();
  await expect(detail.getByRole('alert')).toHaveText(say.needsName);
  await detail.getByLabel(say.personName, { exact: true }).fill(ill.name);
  await detail.getByLabel(say.phone, { exact: true }).fill(ill.phone);
  await detail.getByLabel(say.fields.classification!).selectOption('confirmed');
  await detail.getByLabel(say.fields.onset!, { exact: true }).fill(daysAgo(3));
  await detail.getByLabel(fieldEn.symptoms.cough!).check();
  await detail.getByRole('button', { name: say.reportNow, exact: true }).click();
  await expect(detail.getByText(say.reportedSaid)).toBeVisible();
  await expect(detail.getByRole('region', { name: say.deadlines }).getByRole('listitem')).toHaveCount(3);
  await expect(detail.getByText(fieldEn.symptoms.cough!).first()).toBeVisible();
  await expect(page).not.toHaveURL(new RegExp(ill.phone));

  await detail.getByRole('button', { name: say.addSample }).click();
  await detail.getByRole('form', { name: say.addSample }).getByRole('button', { name: fieldEn.send }).click();
  await expect(detail.getByText(say.sampleSaid)).toBeVisible();
  await detail.getByRole('button', { name: fieldEn.results.positive!, exact: true }).click();
  await expect(detail.getByText(say.resultSaid)).toBeVisible();
  await expect(detail.getByText(say.fields.sampled!).first()).toBeVisible();

  await detail.getByRole('button', { name: say.addStay }).click();
  const stay = detail.getByRole('form', { name: say.addStay });
  await stay.getByRole('button', { name: say.yesterday }).click();
  await stay.getByLabel(say.fromTime).fill('09:30');
  await stay.getByLabel(say.untilTime).fill('11:00');
  await stay.getByLabel(say.where).fill('Corner shop');
  await stay.getByRole('button', { name: fieldEn.send }).click();
  const itinerary = detail.getByRole('region', { name: say.itinerary });
  await expect(itinerary).toContainText('09:30–11:00');
  await expect(itinerary).toContainText('Corner shop');
  await itinerary.getByRole('button', { name: new RegExp(`^${say.withdraw}`) }).click();
  await expect(itinerary.getByText(say.stayGone)).toBeVisible();
  await expect(itinerary.getByText('09:30–11:00')).toHaveCount(0);
  await itinerary.getByRole('button', { name: say.undo }).click();
  await expect(itinerary).toContainText('09:30–11:00');

  const met = somebody();
  await detail.getByRole('button', { name: say.nameContact }).click();
  const form = detail.getByRole('form', { name: say.nameContact });
  await form.getByLabel(say.personName, { exact: true }).fill(met.name);
  await form.getByLabel(say.phone, { exact: true }).fill(met.phone);
  await form.getByRole('button', { name: say.nameNow, exact: true }).click();
  await expect(detail.getByText(say.contactsOf('1'), { exact: true })).toBeVisible();
  const contacts = detail.getByRole('region', { name: say.contacts, exact: true });
  await expect(contacts).toContainText(say.class.close!);
  await detail.getByRole('button', { name: say.complete }).click();
  await expect(detail.getByText(say.completeSaid)).toBeVisible();
  await expect(detail.getByRole('button', { name: say.reopen })).toBeVisible();

  await contacts.getByRole('listitem').getByRole('link').click();
  await expect(page).toHaveURL(/\/contacts\?contact=/);
  for (const step of ['located', 'notified']) {
    await detail.getByRole('button', { name: say.steps[step]!, exact: true }).click();
    await expect(detail.getByText(say.stepSaid(say.steps[step]!))).toBeVisible();
  }
  const steps = detail.getByRole('region', { name: say.stepsTitle });
  await expect(steps.getByRole('listitem')).toHaveCount(3);
  await expect(steps).toContainText(say.after('0.0'));
  await detail.getByRole('button', { name: say.follows.seen_well!, exact: true }).click();
  await expect(detail.getByText(say.followSaid(say.follows.seen_well!))).toBeVisible();
  await detail.getByRole('button', { name: say.ill }).click();
  await detail.getByLabel(say.temperature).fill('38.2');
  await detail.getByLabel(fieldEn.symptoms.fever!).check();
  await detail.getByRole('button', { name: fieldEn.send }).click();
  await expect(detail.getByText(say.followIll)).toBeVisible();
  await expect(detail.getByRole('region', { name: say.follow })).toContainText('38.2 °C');

  const contact = page.url();
  await detail.getByRole('link', { name: say.asCase }).click();
  await expect(detail.getByText(say.onRecord)).toBeVisible();
  await detail.getByRole('button', { name: say.reportNow, exact: true }).click();
  await expect(detail.getByText(say.reportedSaid)).toBeVisible();
  await expect(detail.getByText(say.wasContact)).toBeVisible();
  await page.goto(contact);
  await expect(steps).toContainText(say.steps.became_case!);
  await expect(detail.getByRole('link', { name: say.asCase })).toHaveCount(0);
});

test('three hundred cases and more are changed at once, and taken back', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  // The mild ones of the demo: no other test changes them.
  await page.goto('/cases?severity=mild');
  await page.locator('[data-row]').first().click();
  await expect(aside(page).getByRole('heading', { name: words.en.cases.history })).toBeVisible();
  await page.getByRole('checkbox', { name: say.selectAll }).check();
  const bar = page.getByRole('form', { name: say.bulk });
  await bar.getByRole('button', { name: /that match/ }).click();
  const all = await page.request.get('/api/cases?severity=mild&limit=1');
  const chosen = ((await all.json()) as { total: number }).total;
  expect(chosen).toBeGreaterThanOrEqual(300);
  await expect(bar.getByRole('status')).toHaveText(say.chosen(String(chosen)));

  const hospital = `Hospital ${Date.now()}`;
  await bar.getByLabel(say.field).selectOption('hospital');
  await bar.getByLabel(say.value).fill(hospital);
  await bar.getByLabel(say.why).fill('Transferred together');
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/api/cases/bulk')),
    bar.getByRole('button', { name: /^Change/ }).click(),
  ]);
  expect(((await answer.json()) as { changed: number }).changed).toBe(chosen);
  const done = page.getByRole('status').filter({ hasText: 'are changed' });
  await expect(done).toBeVisible();
  await expect(aside(page).getByText(hospital).first()).toBeVisible();
  await expect(aside(page).getByText('Transferred together').first()).toBeVisible();

  await done.getByRole('button', { name: say.undo }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Taken back' })).toBeVisible();
  await expect(aside(page).getByRole('region', { name: say.groups.care! }).getByText(hospital)).toHaveCount(
    0,
  );
});

test('a date put back, a wish to delete and a changed onset stand on the case page', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  const id = await reported(page, { reported: daysAgo(2) });
  const wish = await page.request.delete(`/api/cases/${id}`, {
    headers: await csrf(page),
    data: { reason: 'Looks bad in the numbers' },
  });
  expect(wish.status()).toBe(409);

  await page.goto(`/cases?case=${id}`);
  const detail = aside(page);
  const history = detail.getByRole('region', { name: words.en.cases.history });
  await expect(history).toContainText('dated back to');
  await expect(history).toContainText(say.refusedDeletion);
  await expect(history).toContainText('Looks bad in the numbers');

  await detail.getByRole('button', { name: say.revise, exact: true }).click();
  const form = detail.getByRole('form', { name: say.revise });
  await expect(form.getByRole('button', { name: say.reviseNow })).toBeDisabled();
  await form.getByLabel(say.fields.onset!, { exact: true }).fill(daysAgo(5));
  await form.getByLabel(say.fields.exposed!).fill(daysAgo(1));
  await form.getByLabel(say.why).fill('Asked again');
  await form.getByRole('button', { name: say.reviseNow }).click();
  await expect(form.getByRole('alert')).toBeVisible();
  await form.getByLabel(say.fields.exposed!).fill('');
  await form.getByLabel(say.fields.diagnosed_at!).fill(`${daysAgo(1)}T08:30`);
  await form.getByRole('button', { name: say.reviseNow }).click();
  await expect(detail.getByText(say.revisedSaid)).toBeVisible();
  await expect(history).toContainText(say.changedOnset);
  await expect(history).toContainText('Asked again');
  await expect(detail.getByRole('region', { name: say.groups.course! })).toContainText('08:30');
});

test('two reports of one person are merged with one tap and parted again; others are told apart', async ({
  browser,
}) => {
  const page = await pageOf(browser, 'epidemiologist');
  const given = somebody();
  const one = await reported(page, {}, { given });
  const other = await reported(page, {}, { given });
  await page.goto(`/cases?case=${one}`);
  const detail = aside(page);
  await detail.getByRole('button', { name: say.sameCase }).click();
  await expect(detail.getByText(say.mergedSaid)).toBeVisible();
  await expect(detail.getByRole('region', { name: say.merged })).toContainText(other.slice(-6));

  await detail.getByRole('button', { name: say.part }).click();
  await detail.getByLabel(fieldEn.reason).fill('Two cousins of one name');
  await detail.getByRole('button', { name: say.part }).click();
  await expect(detail.getByText(say.partedSaid)).toBeVisible();
  await expect(detail.getByRole('region', { name: say.merged })).toHaveCount(0);

  // Those who were parted are not offered again; others are told apart without a merge.
  await expect(detail.getByRole('button', { name: say.sameCase })).toHaveCount(0);
  const likeness = somebody();
  const third = await reported(page, {}, { given: likeness });
  await reported(page, {}, { given: likeness });
  await page.goto(`/cases?case=${third}`);
  await detail.getByRole('button', { name: say.twoCases }).click();
  await expect(detail.getByText(say.apartSaid)).toBeVisible();
  await expect(detail.getByRole('button', { name: say.sameCase })).toHaveCount(0);
});

test('who infected whom is stated from the page and withdrawn with a reason', async ({ browser }) => {
  const page = await pageOf(browser, 'epidemiologist');
  const number = `L-${Date.now()}`;
  await reported(page, { external_id: number, onset: daysAgo(8) });
  const id = await reported(page);
  await page.goto(`/cases?case=${id}`);
  const detail = aside(page);
  const links = detail.getByRole('region', { name: say.links });
  await detail.getByRole('button', { name: say.stateLink }).click();
  const form = detail.getByRole('form', { name: say.stateLink });
  await form.getByRole('button', { name: say.stateNow, exact: true }).click();
  await expect(form.getByRole('alert')).toHaveText(say.chooseOther);
  await form.getByLabel(say.otherCase).fill(number);
  await form.getByRole('button', { name: say.findIt }).click();
  await form.getByRole('radio').check();
  await form.getByRole('button', { name: say.stateNow, exact: true }).click();
  await expect(detail.getByText(say.linkSaid)).toBeVisible();
  await expect(links.getByRole('list', { name: say.infectedBy })).toContainText(number);
  await expect(links).toContainText(say.serial('5'));
  await expect(links).toContainText(say.certainty.probable!);

  await links.getByRole('button', { name: say.withdrawOf(number) }).click();
  await links.getByLabel(fieldEn.reason).fill('They never met');
  await links.getByRole('button', { name: say.withdraw, exact: true }).click();
  await expect(detail.getByText(say.linkGone)).toBeVisible();
  await expect(links.getByText(say.noLinks)).toBeVisible();
});

test('those of one train are proposed with the rule, and adopted with one tap', async ({ browser }) => {
  const officer = await pageOf(browser, 'area_officer');
  const page = await pageOf(browser, 'epidemiologist');
  const coming = journey();
  const people: string[] = [];
  for (const seat of ['03-05A', '03-05B', '03-06A']) {
    const travelled = { ...coming, journey: { ...coming.journey, seat } };
    const notice = { kind: 'notice', source: 'list', list: 'train', arrived: true };
    const one = await taken(officer, { ...notice, person: somebody(), coming: travelled });
    const answer = await page.request.get(`/api/entrants/${one.id}`);
    people.push(((await answer.json()) as { person: string }).person);
  }
  const who = { given: undefined, person: people[0] };
  const id = await reported(page, { onset: daysAgo(0) }, who);
  await page.goto(`/cases?case=${id}`);
  const detail = aside(page);
  const likely = detail.getByRole('list', { name: say.proposed });
  await expect(likely.getByRole('listitem')).toHaveCount(2);
  await expect(likely).toContainText(say.channels.journey!);
  await expect(likely).toContainText(fieldEn.rule);
  await detail.getByRole('button', { name: say.adoptAll('2') }).click();
  await expect(detail.getByText(say.adopted('2'))).toBeVisible();
  await expect(detail.getByText(say.contactsOf('2'), { exact: true })).toBeVisible();
  await expect(detail.getByText(say.noProposed)).toBeVisible();
});

test('contacts are filtered, found by phone, and followed with one tap from the list of the day', async ({
  browser,
}) => {
  const page = await pageOf(browser, 'epidemiologist');
  const id = await reported(page);
  const given = somebody();
  const contact = await named(page, id, { given });
  await page.goto('/morning');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  await expect(page.getByRole('heading', { level: 1, name: words.en.frame.contacts })).toBeVisible();
  const numbers = page.getByRole('list', { name: say.numbers });
  await expect(numbers).toContainText(/Told within \d+ h/);
  await expect(numbers).toContainText(say.casesKnown);

  await page.getByRole('searchbox', { name: say.find }).fill(given.phone);
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 of 1', { exact: true })).toBeVisible();
  expect(page.url()).not.toContain(given.phone);
  await page.goto(`/contacts?case=${id}&status=lost`);
  await expect(page.getByText(say.noMatch)).toBeVisible();
  await page.getByRole('button', { name: `${words.en.common.removeFilter} Stands` }).click();
  await expect(page.locator('[data-row]')).toHaveCount(1);

  await page.goto('/contacts?view=due');
  const row = page.locator('li', { has: page.locator(`a[href*="${contact}"]`) });
  await expect(row).toBeVisible();
  await row.getByRole('button', { name: say.follows.seen_well!, exact: true }).click();
  await expect(row).toHaveCount(0);
  await page.goto(`/contacts?contact=${contact}`);
  await expect(aside(page).getByRole('region', { name: say.follow })).toContainText(say.follows.seen_well!);
});

test('the investigation is done on a phone: every button is large enough for a thumb', async ({
  browser,
}) => {
  const writer = await pageOf(browser, 'epidemiologist');
  const id = await reported(writer);
  const page = await pageOf(browser, 'epidemiologist', { lang: 'zh', width: 390, height: 844 });
  await page.goto(`/cases?case=${id}`);
  const detail = aside(page);
  await detail.getByRole('button', { name: caseworkZh.addStay }).click();
  const stay = detail.getByRole('form', { name: caseworkZh.addStay });
  await stay.getByLabel(caseworkZh.setting).selectOption('transport');
  await stay.getByLabel(caseworkZh.journeyNumber).fill('g1234');
  await stay.getByLabel(caseworkZh.seat).fill('03-05A');
  for (const button of await detail.locator('article').getByRole('button').all()) {
    const box = await button.boundingBox();
    if (box !== null) expect(box.height, await button.innerText()).toBeGreaterThanOrEqual(48);
  }
  await stay.getByRole('button', { name: fieldZh.send }).click();
  await expect(detail.getByRole('region', { name: caseworkZh.itinerary })).toContainText('G1234 03-05A');
});

test('whoever only reads cases is offered no change', async ({ browser }) => {
  const writer = await pageOf(browser, 'epidemiologist');
  const id = await reported(writer);
  const page = await pageOf(browser, 'commander');
  await page.goto(`/cases?case=${id}`);
  const detail = aside(page);
  await expect(detail.getByRole('heading', { name: words.en.cases.history })).toBeVisible();
  for (const name of [say.revise, say.addSample, say.addStay, say.nameContact, say.stateLink, say.complete]) {
    await expect(detail.getByRole('button', { name, exact: true })).toHaveCount(0);
  }
  await expect(page.getByRole('checkbox', { name: say.selectAll })).toHaveCount(0);
});

test('a stay names a place, a household or a site on record', async ({ browser }) => {
  test.slow();
  const page = await pageOf(browser, 'area_officer');
  const area = loginOf('area_officer').area.code;
  const id = await reported(page, {}, { area });
  const tail = ulid().slice(-8);
  await post(page, '/api/places', { code: `B${tail}`, name: `Bakery ${tail}`, area, kind: 'shop' });
  await page.goto(`/cases?case=${id}`);
  const detail = page.getByRole('complementary');
  const itinerary = detail.getByRole('region', { name: say.itinerary });
  const form = detail.getByRole('form', { name: say.addStay });
  const begin = () => detail.getByRole('button', { name: say.addStay }).click();
  const seek = async (text: string): Promise<void> => {
    await form.getByLabel(say.spotSought).fill(text);
    await form.getByRole('button', { name: say.findIt }).click();
  };
  const send = () => form.getByRole('button', { name: fieldEn.send }).click();

  await begin();
  await seek('no such place');
  await expect(form.getByText(say.spotNone)).toBeVisible();
  await seek(tail);
  await form.getByRole('button', { name: say.choose(`Bakery ${tail}`) }).click();
  await expect(form.getByLabel(say.setting)).toHaveValue('community');
  await send();
  await expect(itinerary).toContainText(`Bakery ${tail}`);
  const there = itinerary.getByRole('link', { name: say.whoWasThere });
  await expect(there).toHaveAttribute('href', new RegExp(`/trace\\?places=B${tail}`));

  // One that nobody registered yet, from the same form.
  await begin();
  await form.getByRole('button', { name: say.newPlace }).click();
  const making = form.getByRole('group', { name: say.newPlace });
  await making.getByLabel(say.placeName).fill(`Mill ${tail}`);
  await making.getByRole('button', { name: say.makePlace }).click();
  await expect(making.getByRole('alert')).toBeVisible();
  await making.getByLabel(say.placeCode).fill(`W${tail}`);
  await making.getByLabel(say.placeKind).selectOption('factory');
  await expectAccessible(page);
  await making.getByRole('button', { name: say.makePlace }).click();
  await expect(form.getByLabel(say.setting)).toHaveValue('work');
  await send();
  await expect(itinerary).toContainText(`Mill ${tail}`);

  // A household by its door, and a site by its name.
  await begin();
  await form.getByRole('button', { name: say.spots.household! }).click();
  await seek('2幢');
  await form
    .getByRole('button', { name: /^Choose 2幢/ })
    .first()
    .click();
  await expect(form.getByLabel(say.setting)).toHaveValue('household');
  await send();
  await expect(itinerary).toContainText(/2幢/);
  await begin();
  await form.getByRole('button', { name: say.spots.site! }).click();
  await seek('south');
  await form.getByRole('button', { name: say.choose('South quarantine site') }).click();
  await send();
  await expect(itinerary).toContainText('South quarantine site');

  // A stay that is taken back and stands again keeps its place.
  await itinerary.getByRole('button', { name: new RegExp(`Mill ${tail}`) }).click();
  await itinerary.getByRole('button', { name: say.undo }).click();
  await expect(itinerary).toContainText(`Mill ${tail}`);
});

test('the itinerary’s form fits a phone, in Chinese too', async ({ browser }) => {
  const page = await pageOf(browser, 'area_officer', { lang: 'zh', width: 390, height: 844 });
  const area = loginOf('area_officer').area.code;
  await page.goto(`/cases?case=${await reported(page, {}, { area })}`);
  const detail = page.getByRole('complementary');
  await detail.getByRole('button', { name: caseworkZh.addStay }).click();
  const form = detail.getByRole('form', { name: caseworkZh.addStay });
  await form.getByRole('button', { name: caseworkZh.newPlace }).click();
  await expectFits(page);
  await expectAccessible(page);
});
