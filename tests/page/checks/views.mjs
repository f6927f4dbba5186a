// The item, the map, the model, the endpoints, and the themes.

import assert from 'node:assert/strict';
import { TABS, ready, show } from '../browser.mjs';

export async function item(page) {
  await show(page, 'item');
  const name = await page.locator('.item-head h2').innerText();
  assert.ok((await page.locator('.item-body ol .line').count()) >= 5);
  const bars = await page.locator('.histogram rect').count();
  if (bars) {
    const rows = await page.locator('.item-body figure table tr').count();
    assert.equal(rows, bars, 'the table says what the bars show');
  }
  const near = (await page.locator('.item-body ol .number').allInnerTexts()).map(Number);
  assert.deepEqual(
    near,
    [...near].sort((a, b) => b - a),
    'the nearest first',
  );
  await page.locator('.item-body ol .title').first().click();
  await page.waitForFunction((was) => document.querySelector('.item-head h2').innerText !== was, name);
  await page.goBack();
  await page.waitForFunction((was) => document.querySelector('.item-head h2').innerText === was, name);
  await page.goto(`${page.url().split('#')[0]}#item/there%20is%20no%20such%20item`);
  await page.locator('#panel-item .failure').waitFor();
}

const ink = (page) =>
  page.locator('canvas').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let at = 3; at < data.length; at += 4) sum += data[at] > 0 ? 1 : 0;
    return sum / (data.length / 4);
  });

export async function map(page) {
  await show(page, 'map');
  await page.waitForTimeout(100);
  assert.ok((await ink(page)) > 0.01, 'points are drawn');
  const heading = page.locator('.map-side h2');
  const all = await heading.innerText();
  const { x, y, width, height } = await page.locator('canvas').boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.wheel(0, -1500);
  await page.waitForFunction((was) => document.querySelector('.map-side h2').innerText !== was, all);
  const near = await heading.innerText();
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 250, y + height / 2 + 120, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction((was) => document.querySelector('.map-side h2').innerText !== was, near);
  await page.getByRole('button', { name: 'Reset the map' }).click();
  await page.waitForFunction((was) => document.querySelector('.map-side h2').innerText === was, all);

  const genre = page.locator('#map-genre');
  if ((await genre.locator('option').count()) > 1) {
    await genre.selectOption({ index: 1 });
    await page.waitForFunction((was) => document.querySelector('.map-side h2').innerText !== was, all);
    await genre.selectOption('');
    await page.waitForFunction((was) => document.querySelector('.map-side h2').innerText === was, all);
  }

  await page.locator('.pick').nth(2).click();
  const name = await page.locator('.pick[aria-pressed=true] .pick-title').innerText();
  assert.ok(name.startsWith(await page.locator('.chosen strong').innerText()));
  // It is in the middle now, so the pointer there shows its name.
  await page.mouse.move(x + width / 2 + 1, y + height / 2 + 1);
  await page.locator('.tip').waitFor();
  assert.ok(name.startsWith(await page.locator('.tip strong').innerText()));
  await page.getByRole('combobox', { name: 'Find on the map' }).fill(name.slice(0, 5));
  await page.locator('[role=option]:visible').first().click();
  await page.locator('.chosen').getByRole('button', { name: 'Open' }).click();
  await ready(page, 'item');
}

export async function model(page) {
  await show(page, 'model');
  assert.ok((await page.locator('#panel-model dd').count()) > 5);
  const said = await page.evaluate(async () => (await fetch('v1/model')).json());
  const shown = await page.locator('#panel-model').innerText();
  assert.ok(shown.includes(said.items.toLocaleString('en')));
  if (said.curves?.length) {
    assert.ok((await page.locator('.chart path').count()) >= 1);
    await page.locator('.chart').first().hover();
    await page
      .locator('.chart-said')
      .filter({ hasText: /^Epoch \d+/ })
      .first()
      .waitFor();
  }
  if (said.diagram)
    assert.equal(await page.locator('.diagram .node').count(), (said.diagram.match(/"\]/g) ?? []).length, 'a box for each layer');
}

export async function api(page) {
  await show(page, 'api');
  const { paths } = await page.evaluate(async () => (await fetch('openapi.json')).json());
  const operations = Object.values(paths).flatMap((path) =>
    Object.keys(path).filter((method) => ['get', 'post', 'put', 'delete'].includes(method)),
  );
  const lines = await page.locator('.command code').allInnerTexts();
  assert.equal(lines.length, operations.length);
  for (const line of lines) {
    assert.match(line, /^curl .*https?:\/\//);
    const body = /-d '(.*?)'/.exec(line)?.[1];
    if (body) JSON.parse(body);
  }
  // The line for ratings works as it is.
  const line = lines.find((one) => one.endsWith('/v1/recommendations') && one.includes('-d '));
  const said = await page.evaluate(
    async (body) => {
      const response = await fetch('v1/recommendations', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      return [response.status, await response.json()];
    },
    /-d '(.*?)'/.exec(line)[1],
  );
  assert.equal(said[0], 200, JSON.stringify(said[1]));
  assert.equal(said[1].source, 'fold_in');
}

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const bright = (colour) =>
  Math.min(
    ...colour
      .match(/[\d.]+/g)
      .slice(0, 3)
      .map(Number),
  ) > 128;

export async function themes(page) {
  await ready(page, 'rate');
  assert.ok(bright(await background(page)));
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.ok(!bright(await background(page)), 'the system is dark');
  await page.getByRole('radio', { name: 'Light' }).check();
  assert.ok(bright(await background(page)), 'light was chosen');
  await page.reload();
  await ready(page, 'rate');
  assert.ok(bright(await background(page)), 'and is remembered');
  await page.getByRole('radio', { name: 'Dark' }).check();
  await page.emulateMedia({ colorScheme: 'light' });
  assert.ok(!bright(await background(page)), 'dark was chosen');
  await page.getByRole('radio', { name: 'As the system' }).check();
  assert.ok(bright(await background(page)));
}

/** No tab is wider than the window, and nothing has jumped while it was loading. */
export async function steady(page) {
  for (const tab of TABS) {
    await show(page, tab);
    const [wide, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= window_, `${tab} is ${wide} wide in a window of ${window_}`);
  }
  await page.goto(page.url().split('#')[0]);
  await page.reload();
  await ready(page, 'rate');
  await page.waitForTimeout(150);
  const shifted = await page.evaluate(() => window.shifted);
  assert.ok(shifted < 0.05, `the layout shifts by ${shifted}`);
}
