// Rate and see, with the mouse.

import assert from 'node:assert/strict';
import { changed, click, listed, ready } from '../browser.mjs';
import { titled } from '../../../crates/serve/page/parts/text.js';

const swapped = (word) => word.slice(0, 2) + word[3] + word[2] + word.slice(4);

/** A title with a long word of letters alone, so that a slip can be made in it. */
export async function someTitle(page) {
  const titles = await page.evaluate(async () =>
    (await (await fetch('v1/items?sort=popular&count=200')).json()).items.map(({ title }) => title),
  );
  const found =
    titles.find((title) => /, The \(/.test(title) && /\b[A-Z][a-z]{6,}\b/.test(title)) ??
    titles.find((title) => /\b[A-Za-z]{7,}\b/.test(title));
  assert.ok(found, 'the catalogue has a title with a long word');
  return found;
}

export async function searching(page) {
  await ready(page, 'rate');
  const title = await someTitle(page);
  const [spoken, year] = titled(title);
  const box = page.getByRole('combobox', { name: 'Find a title to rate' });
  const option = page
    .locator('[role=option]:visible')
    .filter({ hasText: `${spoken}${year ? ` ${year}` : ''}` })
    .first();
  const word = /\b[A-Za-z]{7,}\b/.exec(spoken)[0];
  for (const typed of [spoken, spoken.toLowerCase(), spoken.replace(word, swapped(word))]) {
    await box.fill(typed);
    await option.waitFor();
  }
  await box.fill('qqqqzzzz');
  await page.getByText('No title is like').first().waitFor();
  await box.fill(spoken);
  await option.click();
  await page.getByRole('list', { name: 'Your ratings' }).getByText(spoken).first().waitFor();
  assert.equal(
    await page.evaluate(() => Boolean(document.activeElement.closest('.rated .stars'))),
    true,
    'the stars of the chosen title have the focus',
  );
  await changed(page, () => click(page.locator('.rated .stars').first(), 0.95));
}

export async function rating(page) {
  await ready(page, 'rate');
  const before = await listed(page);
  const starters = page.locator('.starters .stars');
  await changed(page, () => click(starters.first(), 0.95));
  await changed(page, () => click(starters.nth(1), 0.15));
  assert.notDeepEqual(await listed(page), before);
  assert.match(await page.locator('#said').innerText(), /^Folded in from 2 ratings/);
  assert.match(await page.locator('#live').innerText(), /recommendations?\. First: /);

  // A title of the list itself: it moves to the ratings.
  const [first] = await listed(page);
  await changed(page, () => click(page.locator('.recommended .stars').first(), 0.75));
  assert.equal(await page.locator('.rated .line').count(), 3);
  assert.equal(await page.locator('.rated .title').first().innerText(), first);
  assert.ok(!(await listed(page)).includes(first), 'what is rated is not recommended');

  // The reasons add up to what is shown.
  await page.getByRole('button', { name: /^Why / }).first().click();
  await page.locator('.reasons').first().waitFor();
  const numbers = (await page.locator('.reasons').first().locator('td.number').allInnerTexts()).map((text) =>
    Number(text.replace('−', '-').replace('±', '')),
  );
  const sum = numbers.pop();
  assert.ok(Math.abs(numbers.reduce((a, b) => a + b) - sum) < 0.011 * numbers.length, `${numbers} add up to ${sum}`);

  // A genre, and more of it.
  const genre = await page.locator('#genre option').nth(1).getAttribute('value');
  if (genre) {
    await changed(page, () => page.locator('#genre').selectOption(genre));
    for (const genres of await page.locator('.recommended .genres').allInnerTexts()) assert.ok(genres.includes(genre), genres);
    await changed(page, () => page.locator('#genre').selectOption(''));
  }
  await changed(page, () => page.getByRole('button', { name: 'Show more' }).click());
  assert.equal((await listed(page)).length, 20);

  // They are kept, and can be taken back.
  await page.reload();
  await ready(page, 'rate');
  assert.equal(await page.locator('.rated .line').count(), 3);
  await changed(page, () =>
    page
      .getByRole('button', { name: /^Remove / })
      .first()
      .click(),
  );
  await changed(page, () => page.getByRole('button', { name: 'Start over' }).click());
  assert.deepEqual(await listed(page), before);

  // A user that the model knows, and one that it does not.
  await page.getByText('Go on as a user of the training data').click();
  await page.getByLabel('User id').fill('nobody at all');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText(/no user/).waitFor();
  await page.getByLabel('User id').fill('1');
  await changed(page, () => page.getByRole('button', { name: 'Go on' }).click());
  await page
    .locator('#said')
    .filter({ hasText: /^From [\d,]+ ratings of user 1, in/ })
    .waitFor();
  await changed(page, () => click(page.locator('.recommended .stars').first(), 0.15));
  await page.locator('#said').filter({ hasText: 'of them new' }).waitFor();
  await page.getByRole('button', { name: 'Be yourself again' }).click();
  await page
    .locator('#said')
    .filter({ hasText: /^Folded in from 1 rating/ })
    .waitFor();
}
