import en from '../../web/field/gate/words.en';
import flow from '../../web/field/gate/flow.en';
import { kit, residents } from '../support/field-data';
import { common, expect, test, type Page } from '../support/field-page';

const say = en.gate;
const work = flow.flow;

const GATE = { expressway: 'Rui’an exit', compound: 'Garden court, east gate' };

async function open(page: Page, gate: keyof typeof GATE = 'expressway'): Promise<void> {
  await page.goto('/gate');
  await page.getByRole('button', { name: GATE[gate] }).click();
  await expect(page.getByRole('heading', { level: 1, name: GATE[gate] })).toBeVisible();
}

/** Three digits on the keypad: the third decides. */
async function temperature(page: Page, digits: string): Promise<void> {
  for (const digit of digits) await page.getByRole('button', { name: digit, exact: true }).click();
}

test('somebody expected is found as one types and passes', async ({ phone, server }) => {
  const page = await phone();
  await open(page);
  await page.getByRole('searchbox').fill(kit.expected[2]!.tail);
  await page.getByRole('button', { name: /张\*\*/ }).click();
  await temperature(page, '365');
  await expect(page.locator('[data-outcome]')).toHaveAttribute('data-outcome', 'site_quarantine');
  await expect(page.locator('[data-strip="done"]')).toBeVisible();
  const [entry] = server.came;
  expect(entry!.what).toMatchObject({
    kind: 'check_in',
    entrant: kit.expected[2]!.entrant,
    temperature: 36.5,
    shown: 'site_quarantine',
    symptoms: [],
    pass: 'none',
  });
  expect(entry!.what.seconds).toBeGreaterThanOrEqual(0);
});

test('a stranger’s document is held to its check digit on the phone', async ({ phone, server }) => {
  const page = await phone();
  await open(page);
  await page.getByRole('button', { name: say.stranger }).click();
  await page.getByLabel(flow.more.person.document).fill('110105194912310021');
  await page.getByRole('button', { name: common.en.next }).click();
  await expect(page.getByText(flow.more.person.faults.check)).toBeVisible();
  await page.getByLabel(flow.more.person.document).fill('11010519491231002x');
  await expect(page.getByText(flow.more.person.fits)).toBeVisible();
  await page.getByLabel(flow.more.person.name).fill('王小明');
  await page.getByRole('button', { name: common.en.next }).click();
  await page.getByLabel(work.from).fill('Wenz');
  await page.getByRole('button', { name: 'Wenzhou' }).click();
  await page.getByLabel(flow.journey.plate).fill('浙c12345');
  await page.getByRole('button', { name: 'East gate' }).click();
  await page.getByRole('button', { name: common.en.next }).click();
  await temperature(page, '364');
  // Only what turns the outcome is asked.
  await expect(page.getByRole('heading', { name: work.circumstances.home_suitable })).toBeVisible();
  await page.getByRole('button', { name: work.yes, exact: true }).click();
  await expect(page.locator('[data-outcome]')).toHaveAttribute('data-outcome', 'home_quarantine');
  for (const text of Object.values(flow.spoken.home_quarantine))
    await expect(page.getByText(text)).toBeVisible();

  await page.locator('[data-handover]').click();
  await expect(page.getByText(work.handOver.done)).toBeVisible();
  await expect.poll(() => server.came.length).toBe(2);
  const [checked, sent] = server.came;
  expect(checked!.what).toMatchObject({
    person: { name: '王小明', document: '11010519491231002X', document_kind: 'resident_id' },
    coming: {
      journey: { mode: 'road', number: '浙C12345', from: '330300' },
      destination: 'here',
      bound_for: '330381001001',
      circumstances: { home_suitable: true },
    },
  });
  expect(sent!.what).toMatchObject({
    kind: 'send',
    entrants: [checked!.id],
    receiver: 'community',
    area: '330381001001',
  });
});

test('each further person in a car takes four taps and less than ten seconds', async ({ phone, server }) => {
  const page = await phone();
  await open(page);
  await page.getByRole('button', { name: /王\*\*/ }).click();
  await temperature(page, '366');
  await expect(page.locator('[data-outcome="pass"]')).toBeVisible();

  await page.evaluate(() => {
    const counted = window as unknown as { taps: number };
    counted.taps = 0;
    addEventListener('click', () => (counted.taps += 1), { capture: true });
  });
  const begun = Date.now();
  await page.locator('[data-companion]').click();
  await temperature(page, '367');
  await expect(page.locator('[data-outcome="pass"]')).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { taps: number }).taps)).toBeLessThanOrEqual(4);
  expect(Date.now() - begun).toBeLessThan(10_000);

  // A stranger in the same vehicle: its journey is carried over, and only the typing is added.
  await page.evaluate(() => ((window as unknown as { taps: number }).taps = 0));
  await page.getByRole('button', { name: work.anotherInCar }).click();
  await page.keyboard.type('李四');
  for (let field = 0; field < 3; field++) await page.keyboard.press('Enter');
  await temperature(page, '365');
  await expect(page.locator('[data-outcome="pass"]')).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { taps: number }).taps)).toBeLessThanOrEqual(5);
  await expect.poll(() => server.came.length).toBe(3);
  expect(server.came[2]!.what).toMatchObject({
    person: { name: '李四' },
    coming: { journey: { number: '浙C·12345', from: '330100' }, party: kit.expected[0]!.party },
  });
});

test('all of a vehicle who go the same way are handed over with one tap', async ({ phone, server }) => {
  server.kit = {
    ...kit,
    expected: kit.expected.map((each) => ({ ...each, from: '420000', origin: 'severe' })),
  };
  const page = await phone();
  await open(page);
  await page.getByRole('button', { name: /王\*\*/ }).click();
  await temperature(page, '366');
  await expect(page.locator('[data-outcome="site_quarantine"]')).toBeVisible();
  await page.locator('[data-companion]').click();
  await temperature(page, '366');
  await page.locator('[data-handover]').click();
  await expect.poll(() => server.came.length).toBe(3);
  expect(server.came[2]!.what).toMatchObject({
    kind: 'send',
    entrants: [kit.expected[0]!.entrant, kit.expected[1]!.entrant],
    receiver: 'site',
    // The one with the most free beds.
    site: kit.sites[1]!.site,
  });
});

test('somebody on the list who only passes through is decided as such', async ({ phone, server }) => {
  server.kit = { ...kit, expected: kit.expected.map((each) => ({ ...each, destination: 'transit' })) };
  const page = await phone();
  await open(page);
  await page.getByRole('button', { name: /张\*\*/ }).click();
  await temperature(page, '365');
  await expect(page.locator('[data-outcome]')).toHaveAttribute('data-outcome', 'pass');
});

test('somebody on the list is asked only what is not on record, and the answer is written down', async ({
  phone,
  server,
}) => {
  const high = kit.expected.map((each) => ({ ...each, origin: 'high' }));
  server.kit = {
    ...kit,
    expected: high.map((each, at) => (at === 0 ? { ...each, home_suitable: true } : each)),
  };
  const page = await phone();
  await open(page);
  await page.getByRole('button', { name: /张\*\*/ }).click();
  await temperature(page, '365');
  await expect(page.getByRole('heading', { name: work.circumstances.home_suitable })).toBeVisible();
  await page.getByRole('button', { name: work.yes, exact: true }).click();
  await expect(page.locator('[data-outcome]')).toHaveAttribute('data-outcome', 'home_quarantine');
  await expect.poll(() => server.came.length).toBe(1);
  expect(server.came[0]!.what).toMatchObject({
    entrant: kit.expected[2]!.entrant,
    circumstances: { home_suitable: true, pregnant: false, needs_care: false },
  });

  await page.getByRole('button', { name: work.nextPerson, exact: true }).click();
  await page.getByRole('button', { name: /王\*\*/ }).click();
  await temperature(page, '365');
  await expect(page.locator('[data-outcome]')).toHaveAttribute('data-outcome', 'home_quarantine');
  await expect.poll(() => server.came.length).toBe(2);
  expect(server.came[1]!.what).not.toHaveProperty('circumstances');
});

const city = (risk: string, listed = false) => ({
  code: '330300',
  name: '温州市',
  name_en: 'Wenzhou',
  risk,
  listed,
});
const county = (risk: string) => ({ code: '330381', name: '瑞安市', name_en: 'Rui’an', risk, listed: false });
const severe = kit.origins[0]!;
const origins = {
  'what the policy lists goes before a narrower level': [
    [severe, city('high', true), city('low'), county('low')],
    'site_quarantine',
  ],
  'of the levels the narrowest counts': [[severe, city('high'), county('low')], 'pass'],
} as const;

for (const [why, [listed, outcome]] of Object.entries(origins)) {
  test(`where somebody comes from is read as the server reads it: ${why}`, async ({ phone, server }) => {
    server.kit = { ...kit, origins: [...listed] };
    const page = await phone();
    await open(page);
    await page.getByRole('button', { name: say.stranger }).click();
    await page.getByLabel(flow.more.person.name).fill('王小明');
    await page.getByRole('button', { name: common.en.next }).click();
    await page.getByLabel(work.from).fill('Rui');
    await page.getByRole('button', { name: 'Rui’an' }).click();
    await page.getByRole('button', { name: common.en.next }).click();
    await temperature(page, '364');
    // No home for it: then the rules of those at risk say a site.
    if (outcome !== 'pass') await page.getByRole('button', { name: work.no, exact: true }).click();
    await expect(page.locator('[data-outcome]')).toHaveAttribute('data-outcome', outcome);
  });
}

test('residents pass with one tap that can be undone; who should stay at home stands out', async ({
  phone,
  server,
}) => {
  server.kit = { ...kit, residents };
  const page = await phone();
  await open(page, 'compound');
  await page.getByRole('button', { name: /3-1-201/ }).click();
  await expect(page.getByText(say.passed('3-1-201 周**'))).toBeVisible();
  await page.getByRole('button', { name: common.en.undo }).click();
  await page.getByRole('button', { name: /5-2-301/ }).click();
  await expect.poll(() => server.came.length, { timeout: 9000 }).toBe(1);
  expect(server.came[0]!.what).toMatchObject({ kind: 'resident_pass', person: residents[2]!.person });

  await page.getByRole('button', { name: /3-1-202/ }).click();
  await expect(page.locator('[data-outcome="home_quarantine"]')).toBeVisible();
  await expect.poll(() => server.came.length).toBe(2);
  // Nothing that a gate has no right to: the server makes the absence of it.
  expect(server.came[1]!.what).toMatchObject({ kind: 'resident_pass', person: residents[1]!.person });
});

test('the queue is counted by hand and measured by the phone', async ({ phone }) => {
  const page = await phone();
  await open(page);
  const more = page.getByRole('button', { name: work.moreWaiting });
  for (let person = 0; person < 12; person++) await more.click();
  await expect(page.getByText(work.wait('1'))).toBeVisible();
  await expect(page.getByText(work.lanes(2, 3))).toBeVisible();
});

test('the gate works by keyboard alone', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/gate');
  await page.getByRole('button', { name: GATE.expressway }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /张\*\*/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: /张/ })).toBeVisible();
  await page.keyboard.type('386');
  const word = page.getByRole('heading', { name: flow.more.triage.fever_clinic });
  await expect(word).toBeFocused();
  await expect.poll(() => server.came.length).toBe(1);
});

test('a wrong temperature is told, and nothing decided', async ({ phone, server }) => {
  const page = await phone();
  await open(page);
  await page.getByRole('button', { name: /张\*\*/ }).click();
  await temperature(page, '605');
  await expect(page.getByText(flow.more.keypad.wrong)).toBeVisible();
  await expect(page.locator('[data-outcome]')).toHaveCount(0);
  expect(server.came).toHaveLength(0);
});
