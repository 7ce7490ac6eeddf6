/** What axe finds wrong on a page. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** In both themes; answers what is wrong. */
export async function faultsOf(page: Page, what: string): Promise<readonly string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = (await page.evaluate(
      'axe.run(document, { resultTypes: ["violations"] })',
    )) as axe.AxeResults;
    for (const { id, nodes } of violations)
      found.push(`${what}, ${colorScheme}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  }
  return found;
}

/** A screen once everything on it is there. */
export async function lookAt(page: Page, path: string): Promise<readonly string[]> {
  await page.goto(path);
  await page.locator('main h1').waitFor();
  await page
    .locator('main')
    .filter({ hasNotText: /Loading|Looking/ })
    .waitFor();
  return faultsOf(page, path);
}
