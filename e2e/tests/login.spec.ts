import { loginOf } from '../support/demo';
import { expect, stranger, test, words, type Lang } from '../support/test';

for (const lang of ['en', 'zh'] as Lang[]) {
  const say = words[lang];

  test(`somebody signs in with the form and out again (${lang})`, async ({ browser }) => {
    const { login, password, name } = loginOf('commander');
    const page = await stranger(browser, { lang });
    await page.goto('/');
    await expect(page.locator('html')).toHaveAttribute('lang', lang === 'zh' ? 'zh-Hans' : 'en');

    await page.getByLabel(say.login.login, { exact: true }).fill(login);
    await page.getByLabel(say.login.password, { exact: true }).fill(password);
    await page.getByRole('button', { name: say.login.submit, exact: true }).click();
    await expect(page).toHaveURL(/\/morning/);
    await expect(page.getByRole('navigation', { name: say.frame.rooms })).toBeVisible();

    await page.getByRole('button', { name: say.frame.person(name) }).click();
    await expect(page.getByRole('banner')).toContainText(name);
    await page.getByRole('button', { name: say.frame.signOut }).click();
    await expect(page.getByRole('heading', { name: say.login.title })).toBeVisible();
    expect((await page.request.get('/api/session')).status()).toBe(401);
  });

  test(`a wrong password is refused in words (${lang})`, async ({ browser }) => {
    const page = await stranger(browser, { lang });
    await page.goto('/');
    await page.getByLabel(say.login.login, { exact: true }).fill('nobody.at.all');
    await page.getByLabel(say.login.password, { exact: true }).fill('not the password');
    await page.getByRole('button', { name: say.login.submit, exact: true }).click();
    await expect(page.getByRole('alert')).not.toBeEmpty();
    await expect(page.getByLabel(say.login.login, { exact: true })).toHaveAttribute('aria-invalid', 'true');
  });
}

test('a demo card signs in at once, and the language can be changed before and after', async ({
  browser,
}) => {
  const page = await stranger(browser, { lang: 'en' });
  await page.goto('/');
  await page.getByRole('button', { name: '中文' }).click();
  await expect(page.getByRole('heading', { name: words.zh.login.title, exact: true })).toBeVisible();
  await page.locator(`[data-login="${loginOf('epidemiologist').login}"]`).click();
  await expect(page.getByRole('link', { name: words.zh.frame.cases, exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('link', { name: words.en.frame.cases, exact: true })).toBeVisible();
});

test('the login page fetches little, and no chart', async ({ browser }) => {
  const page = await stranger(browser);
  const scripts: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'script') scripts.push(request.url());
  });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: words.en.login.title })).toBeVisible();
  const sizes = await Promise.all(
    scripts.map(async (url) => (await (await page.request.get(url)).body()).length),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
});

test('the server’s page allows no inline script', async ({ browser }) => {
  const page = await stranger(browser);
  const answer = await page.goto('/');
  expect(answer?.headers()['content-security-policy']).toContain("default-src 'self'");
  expect(await page.locator('script:not([src])').count()).toBe(0);
});
