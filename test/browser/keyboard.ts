/** Hands that know no mouse. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';

/** More stops than any screen has before its main action. */
const mostStops = 60;

/** Goes on by Tab until it has the focus, which must be visible there. */
async function tabTo(target: Locator): Promise<void> {
  const page = target.page();
  await target.waitFor();
  for (let stops = 0; stops < mostStops; stops += 1) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) {
      const outline = await target.evaluate(
        (element) => element.ownerDocument.defaultView!.getComputedStyle(element).outlineStyle,
      );
      assert.notEqual(outline, 'none', 'one sees where one is');
      return;
    }
    await page.keyboard.press('Tab');
  }
  assert.fail(`${String(target)} cannot be reached`);
}

export async function press(target: Locator): Promise<void> {
  await tabTo(target);
  await target.page().keyboard.press('Enter');
}

/** An action, from its button to what the server said. */
export async function decide(page: Page, label: string, reason?: string): Promise<void> {
  await press(page.getByRole('button', { name: label, exact: true }).first());
  const dialog = page.getByRole('dialog', { name: label });
  await dialog.waitFor();
  if (reason !== undefined) {
    await tabTo(dialog.getByRole('textbox'));
    await page.keyboard.type(reason);
  }
  const reading = dialog.getByRole('button', { name: 'Read what I sign' });
  if (await reading.isVisible()) {
    await press(reading);
    await press(dialog.getByRole('button', { name: 'Approve', exact: true }));
  } else await press(dialog.getByRole('button', { name: label, exact: true }));
  await dialog.getByText(/^Requested\./).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
}

/** By the palette, as people who know it do. */
export async function find(page: Page, typed: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').waitFor();
  await page.keyboard.type(typed);
  await page.getByRole('dialog').getByRole('option', { selected: true }).waitFor();
  await page.keyboard.press('Enter');
}
