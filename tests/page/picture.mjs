// The picture of the README: ratings, and what follows from them.

import { changed, click, open, ready } from './browser.mjs';

export async function picture(browser, url, path) {
  const { page, context } = await open(browser, url, {
    prepare: (page_) => page_.setViewportSize({ width: 1180, height: 760 }),
  });
  await ready(page, 'rate');
  for (const share of [0.95, 0.35, 0.85, 0.95]) await changed(page, () => click(page.locator('.starters .stars').nth(1), share));
  await page.getByRole('button', { name: /^Why / }).nth(1).click();
  await page.locator('.reasons').first().waitFor();
  await page.evaluate(() => {
    document.activeElement.blur();
    scrollTo(0, 0);
  });
  await page.mouse.move(2, 2);
  await page.screenshot({ path });
  await context.close();
}
