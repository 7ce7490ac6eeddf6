/** Hands that know no mouse. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { requested } from './browser-stage.ts';

/** More stops than any screen has. */
const mostStops = 150;

type Found = NonNullable<Awaited<ReturnType<Locator['elementHandle']>>>;

/** Goes on by Tab, or back where it was passed, until it has the focus, which must be visible there. */
async function tabTo(target: Locator): Promise<void> {
  const page = target.page();
  let element = await found(target);
  const wasPassed = await element.evaluate((one) => {
    const here = one.ownerDocument.activeElement;
    return here !== null && (here.compareDocumentPosition(one) & here.DOCUMENT_POSITION_PRECEDING) !== 0;
  });
  for (let stops = 0; stops < mostStops; stops += 1) {
    const { isThere, outline } = await element.evaluate((one) => ({
      isThere: one.isConnected,
      outline:
        one === one.ownerDocument.activeElement
          ? one.ownerDocument.defaultView!.getComputedStyle(one).outlineStyle
          : undefined,
    }));
    if (outline !== undefined) return assert.notEqual(outline, 'none', 'one sees where one is');
    // Looked for by its name only when the page has put another in its place: that takes longer than all else.
    if (!isThere) element = await found(target);
    await page.keyboard.press(wasPassed ? 'Shift+Tab' : 'Tab');
  }
  assert.fail(`${String(target)} cannot be reached`);
}

async function found(target: Locator): Promise<Found> {
  await target.waitFor();
  return (await target.elementHandle()) ?? assert.fail(`${String(target)} is gone`);
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
    await press(dialog.getByRole('button', { name: /^(Approve|Reject)/ }).first());
  } else await press(dialog.getByRole('button', { name: label, exact: true }));
  await requested(dialog);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
}

/** What goes into a form, by the label of each control; `on` and `off` of a box, the content of a file. */
export type Given = Readonly<Record<string, string>>;

/** A form, from its button to what the server said; whoever closes it stands where work goes on. */
export async function fillIn(within: Page | Locator, label: string, given: Given): Promise<void> {
  const page = 'goto' in within ? within : within.page();
  await press(within.getByRole('button', { name: label, exact: true }).first());
  const dialog = page.getByRole('dialog', { name: label });
  await dialog.getByText(/^liftlock /).waitFor();
  for (const [name, value] of Object.entries(given)) await set(dialog.getByLabel(new RegExp(`^${name}`)), value);
  await press(dialog.getByRole('button', { name: label, exact: true }));
  await requested(dialog);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.notEqual(await page.evaluate('document.activeElement.tagName'), 'BODY', `the focus is lost after ${label}`);
}

async function set(control: Locator, value: string): Promise<void> {
  const { keyboard } = control.page();
  await control.waitFor();
  const kind = await control.evaluate((element) => element.getAttribute('type') ?? element.tagName.toLowerCase());
  if (kind === 'file') return setFile(control, value);
  await tabTo(control);
  if (kind === 'checkbox') {
    if ((await control.isChecked()) !== (value === 'on')) await keyboard.press('Space');
    assert.equal(await control.isChecked(), value === 'on');
  } else if (kind === 'select') await choose(control, value);
  else if (kind === 'datetime-local') await setTime(control, value);
  else {
    await keyboard.press('Control+a');
    // Nobody types a key or a report.
    await (value.length > 60 ? keyboard.insertText(value) : keyboard.type(value));
    assert.equal(await control.inputValue(), value);
  }
}

/** Goes through the choices; one that is not there is not found at either end. */
async function choose(control: Locator, value: string): Promise<void> {
  await control.press('Home');
  for (let left = await control.getByRole('option').count(); left > 0; left -= 1) {
    if ((await control.inputValue()) === value) return;
    await control.press('ArrowDown');
  }
  assert.equal(await control.inputValue(), value);
}

/** `2099-01-02T08:30`, a part after the other, as a browser that speaks American asks for it. */
async function setTime(control: Locator, value: string): Promise<void> {
  const { keyboard } = control.page();
  const [, year, month, day, hour, minute] = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+)$/.exec(value)!;
  await keyboard.type(`${month}${day}${year}`);
  await keyboard.press('ArrowRight');
  await keyboard.type(`${hour}${minute}AM`);
  assert.equal(await control.inputValue(), value);
}

/** The browser asks for a file with a dialog of its own, which its person knows. */
async function setFile(control: Locator, content: string): Promise<void> {
  const asked = control.page().waitForEvent('filechooser');
  await press(control);
  await (await asked).setFiles({ name: 'file.txt', mimeType: 'text/plain', buffer: Buffer.from(content) });
}

/** By the palette, as people who know it do. */
export async function find(page: Page, typed: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').waitFor();
  await page.keyboard.type(typed);
  await page.getByRole('dialog').getByRole('option', { selected: true }).waitFor();
  await page.keyboard.press('Enter');
}
