// The keyboard alone: no pointer is used here.

import assert from 'node:assert/strict';
import { changed, listed, ready } from '../browser.mjs';
import { titled } from '../../../crates/serve/page/parts/text.js';
import { someTitle } from './rate.mjs';

const focused = (page) =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return {
      id: at.id,
      role: at.getAttribute('role'),
      name: at.getAttribute('aria-label') ?? at.textContent.trim(),
      list: at.closest('.lines')?.className ?? '',
    };
  });

/** Presses Tab until the focus is where it is wanted. */
async function reach(page, wanted, key = 'Tab') {
  for (let step = 0; step < 120; step++) {
    await page.keyboard.press(key);
    const at = await focused(page);
    if (wanted(at)) return at;
  }
  throw new Error(`${key} does not reach ${wanted}`);
}

export async function keyboard(page) {
  await ready(page, 'rate');
  const title = await someTitle(page);
  const [spoken] = titled(title);
  await page.keyboard.press('Tab');
  assert.match((await focused(page)).name, /^Skip/);
  await page.keyboard.press('Enter');
  assert.equal((await focused(page)).id, 'main');

  await reach(page, ({ role }) => role === 'combobox');
  await page.keyboard.type(spoken);
  await page.locator('[role=option]:visible').first().waitFor();
  const marked = async () =>
    page.evaluate(() => document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent ?? '');
  for (let step = 0; step < 8 && !(await marked()).startsWith(spoken); step++) await page.keyboard.press('ArrowDown');
  assert.ok((await marked()).startsWith(spoken), 'the arrow keys reach the title');
  await page.keyboard.press('Enter');
  await page.locator('.rated .line').first().waitFor();
  assert.match((await focused(page)).name, /^[\d.]+ of/);
  await changed(page, () => page.keyboard.press('ArrowLeft')); // from the first star round to the last

  // In the list the arrow keys only move, and Enter rates.
  const [first] = await listed(page);
  await reach(page, ({ list }) => list.includes('recommended'));
  await reach(page, ({ name, list }) => list.includes('recommended') && /^[\d.]+ of/.test(name));
  for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowRight');
  assert.deepEqual((await listed(page))[0], first);
  await changed(page, () => page.keyboard.press('Enter'));
  assert.equal(await page.locator('.rated .title').first().innerText(), first);
  assert.ok((await focused(page)).list.includes('rated'), 'the focus goes with the title');

  await reach(page, ({ name }) => name.startsWith('Why '));
  await page.keyboard.press('Enter');
  await page.locator('.reasons').first().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-expanded')), 'true');

  await reach(page, ({ name }) => name.startsWith('Remove '), 'Shift+Tab');
  await changed(page, () => page.keyboard.press('Enter'));
  await changed(page, () => page.keyboard.press('Enter'));
  assert.equal((await focused(page)).role, 'combobox', 'after the last one the focus is in the search');

  await reach(page, ({ name, list }) => list.includes('starters') && /^[\d.]+ of/.test(name));
  const starter = await page.locator('.starters .title').first().innerText();
  await page.keyboard.press('ArrowLeft');
  await changed(page, () => page.keyboard.press('Enter'));
  assert.equal(await page.locator('.rated .title').first().innerText(), starter);
  assert.ok((await focused(page)).list.includes('rated'), 'the focus goes with this one, too');

  // The tabs.
  await reach(page, ({ role }) => role === 'tab', 'Shift+Tab');
  for (const tab of ['item', 'map', 'model', 'api', 'rate']) {
    await page.keyboard.press('ArrowRight');
    assert.equal((await focused(page)).id, `tab-${tab}`);
    await ready(page, tab);
  }
  await page.keyboard.press('End');
  assert.equal((await focused(page)).id, 'tab-api');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await ready(page, 'map');
  const all = await page.locator('.map-side h2').innerText();
  await reach(page, ({ role }) => role === 'application');
  for (let step = 0; step < 4; step++) await page.keyboard.press('+');
  await page.waitForFunction((was) => document.querySelector('.map-side h2').innerText !== was, all);
  await page.keyboard.press('0');
  await page.waitForFunction((was) => document.querySelector('.map-side h2').innerText === was, all);
  await reach(page, ({ list }) => list.includes('compact'));
  await page.keyboard.press('Enter');
  const pressed = () => page.evaluate(() => document.activeElement.getAttribute('aria-pressed'));
  assert.equal(await pressed(), 'true');
  // The map moves to the choice, and the list follows a moment later.
  await page.waitForFunction((was) => document.querySelector('.map-side h2').innerText !== was, all);
  assert.equal(await pressed(), 'true', 'the focus remains on the choice when the list is made anew');
}
