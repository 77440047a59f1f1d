import { loginOf } from '../support/demo';
import { csrf, expect, pageOf, test, words, type Page } from '../support/test';

const say = words.en;

const steps = (page: Page) => page.getByRole('region', { name: say.matters.steps });

/** Takes the first step offered, with whatever it asks for. */
async function step(page: Page, name: string): Promise<void> {
  await steps(page).getByRole('button', { name, exact: true }).click();
  for (const label of [say.matters.note, say.matters.evidence]) {
    const box = steps(page).getByLabel(label, { exact: true });
    if (await box.isVisible()) await box.fill('Gate closed at 14:20, seen by the patrol, photo 0412');
  }
  const send = steps(page).locator('form').getByRole('button', { name, exact: true });
  if (await send.isVisible()) await send.click();
}

test('a directive goes round the whole loop, and its doer cannot confirm it', async ({ browser }) => {
  const officer = loginOf('area_officer');
  const title = `Close the south gate ${Date.now()}`;

  const commander = await pageOf(browser, 'commander');
  await commander.goto(`/matters?view=all&area=${officer.area.code}&matter=new`);
  const form = commander.getByRole('complementary', { name: say.matters.open });
  await form.getByLabel(say.matters.kind).selectOption('directive');
  await form.getByLabel(say.matters.what).fill(title);
  await form.getByLabel(say.matters.more).fill('Leave one entrance open, with a guard.');
  await form.getByLabel(say.matters.ownerRole).selectOption('area_officer');
  await form.getByRole('button', { name: say.matters.openNow }).click();
  await expect(commander.getByRole('complementary').getByRole('heading', { name: title })).toBeVisible();
  const matter = new URL(commander.url()).searchParams.get('matter')!;

  const doer = await pageOf(browser, 'area_officer');
  await doer.goto('/matters?view=mine');
  await doer.getByRole('link', { name: title }).click();
  await step(doer, 'Accept');
  await expect(doer.getByRole('complementary').getByText(say.matters.otherConfirms)).toBeVisible();
  await step(doer, 'Report as carried out');
  await expect(doer.getByRole('complementary')).toContainText('photo 0412');
  await expect(steps(doer).getByRole('button', { name: 'Confirm', exact: true })).toHaveCount(0);

  const refused = await doer.request.post(`/api/matters/${matter}/act`, {
    headers: await csrf(doer),
    data: { action: 'confirm' },
  });
  expect(refused.status()).toBe(403);

  await commander.reload();
  await step(commander, 'Confirm');
  await expect(commander.getByRole('complementary').getByRole('status')).toContainText(/Confirmed/);
  await expect(steps(commander)).toHaveCount(0);
  await expect(commander.getByRole('complementary').locator('ol > li')).toHaveCount(4);
});

test('whoever comes too late with a step is told, and sees how it stands', async ({ browser }) => {
  const officer = loginOf('area_officer');
  const commander = await pageOf(browser, 'commander');
  const opened = await commander.request.post('/api/matters', {
    headers: await csrf(commander),
    data: {
      kind: 'directive',
      title: `Count the masks ${Date.now()}`,
      area: officer.area.code,
      owner: { role: 'area_officer' },
    },
  });
  const { matter } = (await opened.json()) as { matter: string };

  const doer = await pageOf(browser, 'area_officer');
  await doer.goto(`/matters?view=all&matter=${matter}`);
  await expect(steps(doer).getByRole('button', { name: 'Accept', exact: true })).toBeVisible();
  const headers = await csrf(doer);
  await doer.request.post(`/api/matters/${matter}/act`, { headers, data: { action: 'accept' } });

  await step(doer, 'Accept');
  await expect(doer.getByRole('alert')).toHaveText(say.failure.stale);
  await expect(steps(doer).getByRole('button', { name: 'Report as carried out' })).toBeVisible();
});

test('a matter without a title is not opened', async ({ browser }) => {
  const page = await pageOf(browser, 'commander');
  await page.goto('/matters?view=all&matter=new');
  const form = page.getByRole('complementary', { name: say.matters.open });
  await form.getByRole('button', { name: say.matters.openNow }).click();
  await expect(form.getByLabel(say.matters.what)).toBeFocused();
  await expect(page).toHaveURL(/matter=new/);
});
