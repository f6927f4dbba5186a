// A browser that lets no request go elsewhere, and what checks are made of.

import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const BROWSERS = [process.env.RECBURN_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const AXE = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

export const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
export const TABS = ['rate', 'item', 'map', 'model', 'api'];

export async function launch() {
  const { existsSync } = await import('node:fs');
  const executablePath = BROWSERS.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('there is no Chromium: install it, or name one in RECBURN_CHROMIUM');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  });
}

/**
 * A page at an address, in a context of its own. `problems` collects requests to anywhere else, errors of scripts, and what
 * the browser complains of; the caller expects it to be empty, but for what it has caused itself.
 */
export async function open(browser, url, { size = 'desktop', scheme = 'light', motion = 'reduce', hash = '', prepare } = {}) {
  const phone = size === 'phone';
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: scheme,
    reducedMotion: motion,
    isMobile: phone,
    hasTouch: phone,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const problems = [];
  const home = new URL(url);
  await context.route('**/*', (route) => {
    const to = new URL(route.request().url());
    if (to.href === home.href || (home.protocol !== 'file:' && to.origin === home.origin)) return route.continue();
    problems.push(`a request to ${to.href}`);
    return route.abort();
  });
  page.on('pageerror', (error) => problems.push(`an error: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && problems.push(`the browser says: ${message.text()}`));
  await page.addInitScript(() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await prepare?.(page, context);
  await page.goto(url + hash);
  return { page, context, problems };
}

/** Opens a tab and waits until what it shows has come. */
export async function show(page, tab) {
  await page
    .getByRole('tab')
    .and(page.locator(`#tab-${tab}`))
    .click();
  await ready(page, tab);
}

const SIGNS = {
  rate: '.recommended .recommendation',
  item: '.item-body .line',
  map: '.map-side .pick',
  model: '#panel-model .card',
  api: '.endpoint',
};
export async function ready(page, tab) {
  await page
    .locator(`#panel-${tab} ${SIGNS[tab].replace(/^#\S+ /, '')}`)
    .first()
    .waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true]') && !document.querySelector('.ghost'));
}

/** What axe-core finds, a line for each element. */
export async function violations(page, more = []) {
  if (!(await page.evaluate('typeof window.axe === "object"'))) await page.evaluate(AXE);
  const found = await page.evaluate(
    (rules) => window.axe.run(document, { rules: Object.fromEntries(rules.map((rule) => [rule, { enabled: true }])) }),
    more,
  );
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      (node) =>
        `${id}: ${help}: ${node.target.join(' ')}: ${node.any
          .concat(node.all, node.none)
          .map(({ message }) => message)
          .join('; ')}`,
    ),
  );
}

/** Ids in the order of the list of recommendations. */
export const listed = (page) => page.locator('.recommended .recommendation .title').allInnerTexts();

/** Does something that the list follows, and waits until it has been drawn anew. */
export async function changed(page, act) {
  const before = await page.locator('.recommended').getAttribute('data-drawn');
  await act();
  await page.waitForFunction((was) => {
    const { dataset, ariaBusy } = document.querySelector('.recommended');
    return dataset.drawn !== was && ariaBusy !== 'true';
  }, before);
}

/** Rates with the mouse: `share` of the width of the stars. */
export async function click(stars, share) {
  await stars.scrollIntoViewIfNeeded();
  const { width, height } = await stars.boundingBox();
  await stars.click({ position: { x: width * share, y: height / 2 } });
}
