import { loginOf } from '../support/demo';
import { expect, pageOf, stranger, test, words } from '../support/test';

const say = words.en;

test('an account is opened, its owner signs in, chooses a password, and is closed out', async ({
  browser,
}) => {
  const login = `e2e.${Date.now()}`;
  const admin = await pageOf(browser, 'administrator');
  await admin.goto('/accounts?account=new');
  const form = admin.getByRole('complementary', { name: say.accounts.open });
  await form.getByLabel(say.accounts.login).fill(login);
  await form.getByLabel(say.accounts.name, { exact: true }).fill('Wei Lan');
  await form.getByLabel(say.accounts.role, { exact: true }).selectOption('area_officer');
  await form.getByRole('button', { name: say.accounts.openNow }).click();
  const first = await form.getByRole('status', { name: say.accounts.password }).innerText();

  const page = await stranger(browser);
  await page.goto('/');
  await page.getByLabel(say.login.login, { exact: true }).fill(login);
  await page.getByLabel(say.login.password, { exact: true }).fill(first);
  await page.getByRole('button', { name: say.login.submit, exact: true }).click();
  await expect(page.getByText(say.password.first)).toBeVisible();
  await page.getByLabel(say.password.old).fill(first);
  await page.getByLabel(say.password.fresh, { exact: true }).fill('seven calm cranes at dawn');
  await page.getByLabel(say.password.again).fill('seven calm cranes at dusk');
  await page.getByRole('button', { name: say.password.submit }).click();
  await expect(page.getByRole('alert')).toHaveText(say.password.differs);
  await page.getByLabel(say.password.again).fill('seven calm cranes at dawn');
  await page.getByRole('button', { name: say.password.submit }).click();
  await expect(page.getByRole('navigation', { name: say.frame.rooms })).toBeVisible();

  await admin.getByRole('link', { name: login }).click();
  const detail = admin.getByRole('complementary', { name: say.accounts.detail });
  await detail.getByRole('button', { name: say.accounts.close }).click();
  await detail.getByRole('button', { name: say.accounts.close }).click();
  await expect(detail.getByText(say.accounts.closedNote)).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: say.login.title })).toBeVisible();
});

test('a role is given and withdrawn', async ({ browser }) => {
  const admin = await pageOf(browser, 'administrator');
  const { login } = loginOf('inspector');
  await admin.goto('/accounts');
  await admin.getByRole('link', { name: login, exact: true }).click();
  const detail = admin.getByRole('complementary', { name: say.accounts.detail });
  await detail.getByLabel(say.accounts.role, { exact: true }).selectOption('checkpoint_staff');
  await detail.getByRole('button', { name: say.accounts.grant, exact: true }).click();
  const withdraw = detail.getByRole('button', { name: /^Withdraw Checkpoint staff/ });
  await withdraw.click();
  await expect(withdraw).toHaveCount(0);
});

test('a token is made, shown once, works, and is withdrawn', async ({ browser, playwright }) => {
  const page = await pageOf(browser, 'commander');
  await page.goto('/tokens');
  const name = `nightly export ${Date.now()}`;
  await page.getByLabel(say.tokens.name).fill(name);
  await page.getByLabel(say.rights.read_brief).check();
  await page.getByRole('button', { name: say.tokens.createNow }).click();
  const token = await page.getByRole('status', { name: say.tokens.token }).innerText();

  const program = await playwright.request.newContext({
    baseURL: new URL(page.url()).origin,
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  });
  expect((await program.get('/api/brief')).status()).toBe(200);
  expect((await program.get('/api/cases')).status(), 'a right that was not ticked').toBe(403);

  const row = page.getByRole('listitem').filter({ hasText: name });
  await row.getByRole('button', { name: say.tokens.revoke }).click();
  await row.getByRole('button', { name: say.tokens.revoke }).click();
  await expect(row).toHaveCount(0);
  expect((await program.get('/api/brief')).status()).toBe(401);
  await program.dispose();
});
