// Tests the page in a browser: `node tests/page/run.mjs [URL]`. Without an address it is the mock of the service.
// `--exported FILE URL` compares an exported page with a service of the same model instead.
//
// RECBURN_PAGE_SHOTS=FOLDER keeps a screenshot of every tab, in both themes and sizes. `--picture FILE` writes the picture
// of the README instead of testing.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TABS, launch, open, ready, show, violations } from './browser.mjs';
import { keyboard } from './checks/keyboard.mjs';
import { rating, searching } from './checks/rate.mjs';
import { busy, exported, offline, slow, token } from './checks/trouble.mjs';
import { api, item, map, model, steady, themes } from './checks/views.mjs';
import { listen, mock } from './mock.mjs';
import { picture } from './picture.mjs';

const [first, second, third] = process.argv.slice(2);
const server = mock();
const mocked = await listen(server);
const url = first?.startsWith('http') ? first : mocked;
const shots = process.env.RECBURN_PAGE_SHOTS;
const browser = await launch();
const temporary = mkdtempSync(join(tmpdir(), 'recburn-page-'));
let failed = 0;

async function check(name, run) {
  const started = performance.now();
  let said = 'ok';
  try {
    await run();
  } catch (error) {
    failed += 1;
    said = `FAILED\n${error.stack}`;
  }
  console.log(`${name.padEnd(44)} ${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${said}`);
}

/** A check in a page of its own, in which nothing may go wrong but what is expected to. */
const inPage = (name, run, { expected = /^$/, ...options } = {}) =>
  check(name, async () => {
    const { page, context, problems } = await open(browser, url, options);
    try {
      await run(page);
      assert.deepEqual(
        problems.filter((problem) => !expected.test(problem)),
        [],
      );
    } finally {
      await context.close();
    }
  });

/** A few at a time: a page waits more than it computes. The longest come first. */
async function together(checks) {
  const next = async () => {
    while (checks.length) await checks.shift()();
  };
  await Promise.all(Array.from({ length: 3 }, next));
}

/** Every tab: axe-core, and a screenshot if they are wanted. */
async function seen(page, size, scheme) {
  await ready(page, 'rate');
  const look = async (name) => {
    assert.deepEqual(await violations(page, size === 'phone' ? ['target-size'] : []), [], name);
    if (shots) await page.screenshot({ path: join(shots, `${size}-${scheme}-${name}.png`), fullPage: true });
  };
  await look('0-empty');
  for (const at of [4, 1]) {
    await page
      .locator('.starters .stars')
      .first()
      .locator('input')
      .last()
      .evaluate(
        (last, back) =>
          last.parentElement
            .querySelectorAll('input')
            [last.parentElement.querySelectorAll('input').length - 1 - back].dispatchEvent(
              new MouseEvent('click', { bubbles: true, detail: 1 }),
            ),
        at,
      );
    await page.waitForTimeout(60);
  }
  await ready(page, 'rate');
  await page.getByRole('button', { name: /^Why / }).first().click();
  await page.locator('.reasons').first().waitFor();
  await page.getByRole('combobox').first().fill('the');
  await page.locator('[role=option]:visible').first().waitFor();
  await look('1-search');
  await page.getByRole('combobox').first().fill('');
  await page.getByRole('listbox').first().waitFor({ state: 'hidden' });
  for (const [at, tab] of TABS.entries()) {
    await show(page, tab);
    await page.waitForTimeout(tab === 'map' ? 120 : 0);
    await look(`${at + 2}-${tab}`);
  }
}

try {
  if (first === '--picture') {
    await picture(browser, url, second);
  } else if (first === '--exported') {
    const file = pathToFileURL(resolve(second)).href;
    await check('the exported page of the service', () => offline(browser, third, file, violations));
  } else {
    if (shots) mkdirSync(shots, { recursive: true });
    // Colours are those of the desktop: the phone's are looked at in dark where somebody wants to see them.
    const looks = [['desktop', 'light'], ['desktop', 'dark'], ['phone', 'light'], ...(shots ? [['phone', 'dark']] : [])];
    await together([
      () => inPage('the keyboard alone', keyboard),
      () => inPage('rating with the mouse', rating, { expected: /404/ }),
      () => inPage('rating where things move', rating, { motion: 'no-preference', expected: /404/ }),
      () => check('an exported page', () => offline(browser, mocked, exported(join(temporary, 'page.html')), violations)),
      ...looks.map(
        ([size, scheme]) =>
          () =>
            inPage(`axe-core, ${size}, ${scheme}`, (page) => seen(page, size, scheme), { size, scheme }),
      ),
      () => inPage('item', item, { expected: /404/ }),
      () => inPage('map', map),
      () => inPage('no jumps, desktop', steady),
      () => inPage('no jumps, phone', steady, { size: 'phone' }),
      () => check('a token', () => token(browser, violations)),
      () => inPage('searching', searching),
      () => inPage('themes', themes),
      () => inPage('a service that is busy or away', busy, { expected: /503|Failed to load|ERR_FAILED/ }),
      () => inPage('an answer that comes late', slow),
      () => inPage('endpoints', api),
      () => inPage('model', model),
    ]);
    console.log(failed ? `${failed} FAILED` : 'all ok');
  }
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
  rmSync(temporary, { recursive: true });
}
process.exitCode = failed ? 1 : 0;
