/** What axe finds wrong on a page, and what does not fit into it. */
import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { visit } from './browser-stage.ts';

/** By every rule in one theme; the other one differs from it in nothing but its colours, so there by those that look at colours. */
const rulesFor = { light: {}, dark: { runOnly: ['color-contrast', 'link-in-text-block'] } };

/** In both themes; answers what is wrong. */
export async function faultsOf(page: Page, what: string): Promise<readonly string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const options = JSON.stringify({ resultTypes: ['violations'], ...rulesFor[colorScheme] });
    const { violations, passes } = (await page.evaluate(`axe.run(document, ${options})`)) as axe.AxeResults;
    assert.ok(violations.length + passes.length > 0, `${what}, ${colorScheme}: no rule looked at anything`);
    for (const { id, nodes } of violations)
      found.push(`${what}, ${colorScheme}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  }
  return found;
}

export async function lookAt(page: Page, path: string): Promise<readonly string[]> {
  await visit(page, path);
  return faultsOf(page, path);
}

/** On these screens while such answers are on their way, and when they do not come. */
export async function faultsWithout(page: Page, asked: RegExp, paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const state of ['loading', 'error'] as const) {
    await page.route(asked, (route) => (state === 'error' ? route.fulfill({ status: 500, body: '' }) : undefined));
    for (const path of paths) {
      await page.goto(path);
      await page
        .getByText(state === 'error' ? /could not be shown/ : /Loading (?!this screen)/)
        .first()
        .waitFor();
      found.push(...(await faultsOf(page, `${path}, ${state}`)));
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  }
  return found;
}

const drawnMs = 5_000;

/** What stands beyond the right edge of the window, and in nothing that scrolls; charts may need a moment to be drawn anew. */
export async function beyondEdge(page: Page): Promise<readonly string[]> {
  const looked = async (): Promise<readonly string[]> =>
    page.evaluate(
      '[...document.querySelectorAll("body *")].filter((one) => !one.closest(".scroll, .skip, .visually-hidden") && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 120))',
    );
  for (const end = Date.now() + drawnMs; ; await page.waitForTimeout(50)) {
    const found = await looked();
    if (found.length === 0 || Date.now() > end) return found;
  }
}
