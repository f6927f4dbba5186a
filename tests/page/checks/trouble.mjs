// A service that is busy, away, or asks for a token, and a page without a service.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { changed, click, listed, open, ready, show } from '../browser.mjs';
import { catalogue } from '../catalogue.mjs';
import { PAGE, listen, mock } from '../mock.mjs';

/** An answer that comes while somebody is in the list leaves them where they are. */
export async function slow(page) {
  await ready(page, 'rate');
  await changed(page, () => click(page.locator('.starters .stars').first(), 0.95));
  let answer;
  const asked = new Promise((resolve) => (answer = resolve));
  await page.route('**/v1/recommendations', async (route) => {
    await asked;
    await route.continue();
  });
  const before = await listed(page);
  await changed(page, async () => {
    await page.evaluate(() => document.querySelector('.rated .stars input').click());
    await page.getByRole('button', { name: /^Why / }).first().focus();
    await page.keyboard.press('Enter');
    answer();
  });
  const after = await listed(page);
  const at = await page.evaluate(
    () => document.activeElement.closest('.recommendation')?.querySelector('.title').innerText ?? null,
  );
  assert.equal(at, after.includes(before[0]) ? before[0] : null);
}

export async function busy(page) {
  await ready(page, 'rate');
  let status = 503;
  await page.route('**/v1/recommendations', (route) =>
    status
      ? route.fulfill({
          status,
          contentType: 'application/problem+json',
          body: JSON.stringify({ title: 'Busy', status, code: 'busy', detail: 'too many requests are waiting' }),
        })
      : route.continue(),
  );
  await click(page.locator('.starters .stars').first(), 0.9);
  await page.locator('.failure').getByText('too many requests are waiting').waitFor();
  assert.ok((await listed(page)).length > 0, 'the list before remains');
  status = 0;
  await changed(page, () => page.getByRole('button', { name: 'Try again' }).click());
  assert.equal(await page.locator('.failure:visible').count(), 0);
  await page.route('**/v1/recommendations', (route) => route.abort());
  await click(page.locator('.starters .stars').first(), 0.9);
  await page.getByText('The service cannot be reached').waitFor();
}

export async function token(browser, violations) {
  const server = mock({ token: 'open sesame' });
  const { page, context, problems } = await open(browser, await listen(server));
  const field = page.getByLabel('Token', { exact: true });
  await field.waitFor();
  assert.deepEqual(await violations(page), []);
  await field.fill('wrong');
  await page.getByRole('button', { name: 'Use it' }).click();
  await page.getByText('did not accept this token').waitFor();
  await field.fill('open sesame');
  await page.keyboard.press('Enter');
  await ready(page, 'rate');
  await page.reload();
  await ready(page, 'rate');
  await show(page, 'api');
  assert.match(await page.locator('.command code').first().innerText(), /RECBURN_TOKEN/);
  assert.ok(!(await page.content()).includes('open sesame'), 'the token is shown nowhere');
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('The service asks for a token').waitFor();
  assert.deepEqual(
    problems.filter((problem) => !problem.includes('401')),
    [],
  );
  await context.close();
  server.close();
}

/** A page with its model in it. */
export function exported(path) {
  const data = JSON.stringify(catalogue()).replaceAll('<', '\\u003c');
  const marker = '<script type="application/json" id="embedded">';
  const page = readFileSync(PAGE, 'utf8');
  assert.equal(page.split(marker).length, 2, 'there is one place for the model');
  writeFileSync(
    path,
    page.replace(marker, () => marker + data),
  );
  return new URL(`file://${path}`).href;
}

/** An exported page, at the address of its file, does what the page of a service with the same model does. */
export async function offline(browser, url, file, violations) {
  const served = await open(browser, url);
  const alone = await open(browser, file);
  for (const { page } of [served, alone]) {
    await ready(page, 'rate');
    const count = await page.locator('.starters .stars').count();
    assert.ok(count > 2);
    for (const share of [0.95, 0.35, 0.75]) await changed(page, () => click(page.locator('.starters .stars').first(), share));
  }
  assert.deepEqual(await listed(alone.page), await listed(served.page), 'both fold in alike');
  assert.ok(await alone.page.locator('#tab-api').isHidden());
  for (const tab of ['item', 'map', 'model']) await show(alone.page, tab);
  assert.deepEqual(await violations(alone.page), []);
  for (const { context, problems } of [served, alone]) {
    assert.deepEqual(problems, []);
    await context.close();
  }
}
