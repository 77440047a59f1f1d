import holder from '../../web/field/pass/holder.en';
import opened from '../../web/field/pass/words.en';
import { CHILD_CODE, MARKS, PASS_CODE } from '../support/field-pass';
import { common, expect, test, type Page } from '../support/field-page';

const { more } = holder;
const f = holder.holder;
const w = opened.pass;
const MINUTE = 60_000;

const colour = (page: Page) => page.locator('[data-colour]');

async function show(page: Page): Promise<void> {
  await page.goto(`/pass#${PASS_CODE}`);
  await expect(page.getByRole('img', { name: f.shown.qr })).toBeVisible();
}

/** The worker has the page, so that it opens without a network. */
async function offline(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
}

async function feel(page: Page, symptom: string): Promise<void> {
  await page.getByRole('button', { name: f.report.start }).click();
  await page.getByText(symptom, { exact: true }).click();
  await page.getByRole('button', { name: f.report.send }).click();
}

test('a pass is asked for, waits, and opens once somebody has seen who it is', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/pass');
  await page.getByRole('button', { name: w.ask }).click();
  await page.getByRole('button', { name: f.ask.send }).click();
  await expect(page.getByRole('alert').getByRole('link')).toHaveCount(3);
  await page.getByLabel(more.person.name).fill('王小明');
  await page.getByLabel(more.person.document).fill('110105194912310021');
  await expect(page.locator('#document-error')).toHaveText(more.person.faults.check);
  await page.getByLabel(more.person.document).fill('11010519491231002X');
  await expect(page.getByText(more.person.fits)).toBeVisible();
  await page.getByLabel(f.ask.areaCode).fill('3303');
  await page.getByRole('button', { name: f.ask.send }).click();
  await expect(page.locator('#area-error')).toHaveText(f.ask.wrongArea);
  expect(server.desk.asked).toEqual([]);

  await page.getByLabel(f.ask.areaCode).fill('330381001');
  // Sent again after a line that was down, it is the same request.
  const sent: unknown[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/api/pass/ask')) sent.push(request.postDataJSON());
  });
  await page.context().setOffline(true);
  await page.getByRole('button', { name: f.ask.send }).click();
  await expect(page.getByText(common.en.noNetwork)).toBeVisible();
  await page.context().setOffline(false);
  await page.getByRole('button', { name: f.ask.send }).click();
  await expect(page.getByRole('heading', { level: 1, name: f.waiting.title })).toBeVisible();
  const [first] = server.desk.asked;
  expect(sent).toEqual([first, first]);
  expect(first).toMatchObject({
    given: { name: '王小明', document: '11010519491231002X', document_kind: 'resident_id' },
    area: '330381001',
  });
  await expect(page.locator('[data-code]')).toHaveAttribute('data-code', `${String(first!.id)}.${MARKS}`);
  await expect(page.getByRole('img', { name: f.waiting.qr })).toBeVisible();
  await expect(page.getByText(f.waiting.lead)).toBeVisible();
  await expect(colour(page)).toHaveCount(0);

  server.desk.state = 'open';
  await page.getByRole('button', { name: w.again }).click();
  await expect(colour(page)).toHaveAttribute('data-colour', 'green');
  await page.reload();
  await expect(colour(page)).toHaveAttribute('data-colour', 'green');
});

test('a place is chosen from the list, and a poster’s link fills in the area', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/pass#330381001');
  await page.getByRole('button', { name: w.ask }).click();
  expect(page.url()).not.toContain('330381001');
  await expect(page.getByLabel(f.ask.areaCode)).toHaveValue('330381001');
  await page.getByLabel(f.ask.areaCode).fill('');
  await page.getByLabel(f.ask.area).fill('Wenzhou');
  await page.getByRole('button', { name: 'Wenzhou' }).click();
  await page.getByLabel(more.person.name).fill('John Smith');
  await page.getByLabel(more.person.document).fill('E12345678');
  await page.getByLabel(f.ask.born).fill('1980-05-06');
  await page.getByRole('button', { name: f.ask.send }).click();
  await expect(page.locator('[data-state="waiting"]')).toBeVisible();
  expect(server.desk.asked[0]).toMatchObject({
    area: '330300',
    given: { document_kind: 'passport', born: '1980-05-06' },
  });
});

test('a code opens the pass and is never in an address', async ({ phone, server }) => {
  const page = await phone();
  await page.goto('/pass');
  await page.getByRole('button', { name: w.show }).click();
  await expect(page.getByText(w.wrong)).toBeVisible();
  await page.getByLabel(w.code, { exact: true }).fill(PASS_CODE.toLowerCase());
  await page.getByRole('button', { name: w.show }).click();
  await expect(page.getByRole('img', { name: f.shown.qr })).toBeVisible();
  await page.goto('/verify');
  await show(page);
  expect(page.url()).not.toContain('#');
  expect(server.paths.some((path) => path.includes(PASS_CODE.slice(27)))).toBe(false);
  expect(server.bodies).toContainEqual({ code: PASS_CODE, show: true });
});

test('a code that is not known is told so, and forgotten', async ({ phone }) => {
  const page = await phone();
  await page.goto('/pass#00ARZ3NDEKTSV4RRFFQ69G5PAS.4XKQ7M2T');
  await expect(page.getByText(w.unknown)).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: w.ask })).toBeVisible();
  await expect(page.getByText(w.unknown)).toHaveCount(0);
});

for (const shade of ['green', 'yellow', 'red'] as const) {
  test(`${shade} has its word and its shape, and says why`, async ({ phone, server }) => {
    server.desk.colour = shade;
    const page = await phone();
    await show(page);
    await expect(page.getByRole('heading', { level: 1, name: shade })).toBeVisible();
    await expect(colour(page).locator('[data-shape]')).toHaveAttribute('data-shape', shade);
    await expect(colour(page)).toContainText('*明');
    await expect(colour(page)).toContainText('002X');
    const why = page.locator('[data-rule]');
    if (shade === 'green') await expect(why).toContainText(f.why.nothing);
    else {
      await expect(why).toContainText('close contact of a case');
      await expect(why).toContainText('Rui’an');
      await expect(why).toContainText('14 days after the contact');
    }
    await page.emulateMedia({ media: 'print' });
    await expect(page.getByRole('img', { name: f.shown.qr })).toBeVisible();
    await expect(page.getByRole('heading', { level: 1, name: shade })).toBeVisible();
    for (const gone of [page.getByRole('banner'), why, page.locator('[data-now]')])
      await expect(gone).toBeHidden();
  });
}

test('shapes of the three colours differ', async ({ phone, server }) => {
  const page = await phone();
  const shapes = new Set<string | null>();
  for (const shade of ['green', 'yellow', 'red'] as const) {
    server.desk.colour = shade;
    await page.goto('/verify');
    await show(page);
    await expect(colour(page)).toHaveAttribute('data-colour', shade);
    shapes.add(await colour(page).locator('[data-shape] path').getAttribute('d'));
  }
  expect(shapes.size).toBe(3);
});

test('the clock runs, and a pass that is older than ten minutes is asked for again', async ({
  phone,
  server,
}) => {
  const page = await phone();
  await page.clock.install();
  await show(page);
  const asked = server.desk.shown;
  const before = await page.locator('[data-now] time').textContent();
  await page.clock.runFor(9 * MINUTE);
  expect(await page.locator('[data-now] time').textContent()).not.toBe(before);
  expect(server.desk.shown).toBe(asked);
  await page.clock.runFor(2 * MINUTE);
  await expect.poll(() => server.desk.shown).toBe(asked + 1);
});

test('a report that is written down without a network is sent once', async ({ phone, server }) => {
  const page = await phone();
  await show(page);
  await offline(page);
  await page.reload();
  await expect(page.locator('[data-strip="off"]')).toBeVisible();
  await page.getByRole('button', { name: f.report.start }).click();
  await page.getByRole('button', { name: f.report.send }).click();
  await expect(page.getByText(f.report.choose)).toBeVisible();
  await page.getByText(more.symptoms.cough!, { exact: true }).click();
  await page.getByRole('button', { name: f.report.measure }).click();
  for (const digit of '374') await page.getByRole('button', { name: digit, exact: true }).click();
  await page.getByRole('button', { name: f.report.send }).click();
  await expect(page.getByText(f.report.waits)).toBeVisible();
  await page.reload();
  await expect(page.getByText(f.report.waits)).toBeVisible();
  expect(server.desk.reports).toEqual([]);
  await page.context().setOffline(false);
  await expect(page.getByText(f.report.done)).toBeVisible({ timeout: 20_000 });
  await expect(page.locator('[data-strip="done"]')).toBeVisible();
  await page.reload();
  await expect(page.getByText(f.report.done)).toBeVisible();
  expect(server.desk.reports).toHaveLength(1);
  expect(server.desk.reports[0]).toMatchObject({
    code: PASS_CODE,
    report: { temperature: 37.4, symptoms: ['cough'] },
  });
});

test('a report whose answer is lost is sent again under the same id, and needs no temperature', async ({
  phone,
  server,
}) => {
  const page = await phone();
  await show(page);
  server.loseAnswers = 1;
  await feel(page, f.report.none);
  await expect(page.getByText(f.report.done)).toBeVisible({ timeout: 20_000 });
  const ids = server.desk.reports.map(({ report }) => report.id);
  expect(ids.length).toBeGreaterThan(1);
  expect(new Set(ids).size).toBe(1);
  expect(server.desk.reports[0]!.report).toEqual({ id: ids[0], symptoms: [] });
});

test('a report of yesterday is not sent as one of today', async ({ phone, server }) => {
  const page = await phone();
  await page.clock.install();
  await show(page);
  await page.context().setOffline(true);
  await feel(page, f.report.none);
  await expect(page.getByText(f.report.waits)).toBeVisible();
  await page.clock.setSystemTime(Date.now() + 24 * 60 * MINUTE);
  await page.context().setOffline(false);
  await page.clock.runFor(2 * MINUTE);
  await expect(page.locator('[data-strip="look"]')).toBeVisible();
  expect(server.desk.reports).toEqual([]);
});

test('a family’s passes are shown and asked for', async ({ phone, server }) => {
  server.desk.colour = 'red';
  const page = await phone();
  await show(page);
  const family = page.locator('[data-list="family"]');
  await expect(family.getByRole('button')).toContainText('green');
  await family.getByRole('button').click();
  await expect(colour(page)).toHaveAttribute('data-colour', 'green');
  await expect(colour(page)).toContainText('*安');
  await expect(family).toHaveCount(0);
  await feel(page, f.report.none);
  await expect.poll(() => server.desk.reports.map(({ code }) => code)).toEqual([CHILD_CODE]);
  await page.getByRole('button', { name: f.family.back }).click();
  await expect(colour(page)).toHaveAttribute('data-colour', 'red');

  await page.getByRole('button', { name: f.family.add }).click();
  await page.getByLabel(more.person.name).fill('李安');
  await page.getByLabel(more.person.document).fill('E12345678');
  await expect(page.getByLabel(f.ask.areaCode)).toHaveValue('330381001');
  await page.getByRole('button', { name: f.ask.send }).click();
  await expect(family.getByRole('button')).toHaveCount(2);
  await expect(family).toContainText(f.family.waiting);
  expect(server.desk.asked[0]).toMatchObject({ guardian: PASS_CODE, given: { name: '李安' } });
});

test('an appeal says what is wrong with which evidence, and is seen while it is open', async ({
  phone,
  server,
}) => {
  server.desk.colour = 'yellow';
  const page = await phone();
  await show(page);
  await page.getByRole('button', { name: f.appeal.start }).click();
  await expect(page.getByRole('group', { name: f.appeal.about }).getByRole('radio')).toHaveCount(7);
  await page.getByRole('button', { name: f.appeal.send }).click();
  await expect(page.getByText(f.appeal.choose)).toBeVisible();
  await page.getByRole('radio', { name: f.appeal.sources.contact!, exact: true }).check();
  await page.getByRole('radio', { name: f.appeal.reasons.not_there! }).check();
  await page.getByRole('button', { name: f.appeal.send }).click();
  await expect(page.locator('[data-list="appeals"]')).toContainText('contact: not_there');
  await expect(page.getByText(f.appeal.open)).toBeVisible();
  await expect(page.getByRole('button', { name: f.appeal.start })).toHaveCount(0);
  expect(server.desk.appeals).toEqual([
    expect.objectContaining({
      about: 'contact',
      reason: 'not_there',
      id: expect.stringMatching(/^[0-9A-Z]{26}$/),
    }),
  ]);
});

test('a certificate from abroad is shown, and what became of it is said', async ({ phone, server }) => {
  const page = await phone();
  await show(page);
  await page.getByRole('button', { name: f.certificate.start }).click();
  const text = page.getByLabel(f.certificate.text);
  await text.fill('https://example.org');
  await page.getByRole('button', { name: f.certificate.send }).click();
  await expect(page.locator('#hcert-error')).toHaveText(f.certificate.wrong);
  await text.fill('HC1:6BF BAD');
  await page.getByRole('button', { name: f.certificate.send }).click();
  await expect(page.locator('[data-taken="false"]')).toHaveText('Its signature is not right.');
  await text.fill('HC1:6BF GOOD');
  await page.getByRole('button', { name: f.certificate.send }).click();
  await expect(page.locator('[data-taken="true"]')).toBeVisible();
  expect(server.bodies).toContainEqual({ code: PASS_CODE, hcert: 'HC1:6BF GOOD' });
});

test('without a network the last pass is shown with its time; once expired, without its colour', async ({
  phone,
}) => {
  const page = await phone();
  await page.clock.install();
  await show(page);
  await offline(page);
  await page.reload();
  await expect(colour(page)).toHaveAttribute('data-colour', 'green');
  await expect(page.locator('.tag.warn')).toBeVisible();
  await expect(page.locator('[data-strip="off"]')).toBeVisible();
  await page.clock.runFor(31 * MINUTE);
  await expect(page.getByRole('heading', { level: 1, name: f.shown.expired })).toBeVisible();
  await expect(colour(page)).toHaveAttribute('data-colour', 'none');
  await expect(page.getByRole('img', { name: f.shown.qr })).toHaveCount(0);
  await expect(page.locator('[data-shape]')).toHaveCount(0);
  await page.context().setOffline(false);
  await expect(page.getByRole('heading', { level: 1, name: f.shown.expired })).toBeVisible();
});

test('a lost phone’s code is ended, and this phone forgets it', async ({ phone, server }) => {
  const page = await phone();
  await show(page);
  await page.getByRole('button', { name: f.end.start }).click();
  await page.getByRole('button', { name: f.end.sure }).click();
  await expect(page.getByText(w.over)).toBeVisible();
  expect(server.desk.state).toBe('ended');
  await page.reload();
  await expect(page.getByRole('button', { name: w.ask })).toBeVisible();
  await page.goto(`/pass#${PASS_CODE}`);
  await expect(page.getByRole('heading', { name: f.ended.title })).toBeVisible();
});
