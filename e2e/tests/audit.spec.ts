import { expect, pageOf, test, words } from '../support/test';

const say = words.en;

test('the ledger is read, narrowed and proved whole', async ({ browser }) => {
  const page = await pageOf(browser, 'auditor');
  await page.goto('/audit');
  const facts = page.getByRole('region', { name: say.audit.facts });
  await expect(facts.getByRole('row').nth(5)).toBeVisible();

  await page.getByRole('button', { name: say.audit.verify }).click();
  await expect(page.getByText(say.audit.ok)).toBeVisible({ timeout: 30_000 });

  const { rows } = (await (await page.request.get('/api/audit/facts?limit=1')).json()) as {
    rows: { kind: string }[];
  };
  const kind = rows[0]!.kind;
  await page.getByRole('button', { name: say.cases.addFilter }).click();
  await page.getByLabel(say.audit.filters.kind).fill(kind);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/kind=/);
  await expect(facts.getByRole('row').nth(1)).toBeVisible();
});

test('a checkpoint is signed', async ({ browser }) => {
  const page = await pageOf(browser, 'auditor');
  await page.goto('/audit');
  const region = page.getByRole('region', { name: say.audit.checkpoints });
  const answer = page.waitForResponse(
    (r) => r.url().endsWith('/api/audit/checkpoints') && r.request().method() === 'POST',
  );
  await region.getByRole('button', { name: say.audit.newCheckpoint }).click();
  const made = await answer;
  expect(made.status()).toBe(201);
  const { digest } = (await made.json()) as { digest: string };
  await expect(region.getByText(digest)).toBeVisible();
});
