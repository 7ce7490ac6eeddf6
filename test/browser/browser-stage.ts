/** A real server with the real console, and people who look at it, each in a browser context of his own. */
import assert from 'node:assert/strict';
import type { BrowserContextOptions, Browser, Locator, Page } from 'playwright-core';
import type { ApiServer } from '../../src/api/server.ts';
import { apiWorld, makePerson, makeProject, type ApiWorld } from '../world/api-server.ts';
import type { Role } from '../../src/domain/access/role.ts';
import { builtConsole } from './built-console.ts';
import { openChromium } from './chromium.ts';
import { freePort } from '../world/traffic.ts';

export interface BrowserStage {
  readonly api: ApiWorld;
  readonly browser: Browser;
  readonly server: ApiServer;
  /** Somebody with these roles, signed in by a one-time link, in front of the console's first page. */
  enter(roles: readonly Role[], options?: Entering): Promise<Page>;
  /** Runs what was queued until the page shows it. */
  until(what: Locator): Promise<void>;
  /** Stops the console's server and starts another one in its place. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  /** A project with a release in staging; answers its name. */
  project(changes?: Parameters<typeof makeProject>[1]): Promise<string>;
  /** Another commit, built and wherever automation takes it. */
  commit(project: string, title: string): Promise<void>;
  close(): Promise<void>;
}

interface Entering {
  readonly project?: string;
  readonly handle?: string;
  readonly context?: BrowserContextOptions;
}

/** Generous: what is awaited comes in milliseconds, on a busy machine in seconds. */
const patience = 20_000;

export async function openBrowserStage(): Promise<BrowserStage> {
  const [api, browser, consoleDirectory] = await Promise.all([apiWorld(), openChromium(), builtConsole()]);
  // A port that stays ours while the server is away.
  const listen = { host: '127.0.0.1', port: await freePort() };
  let server = await api.another({ consoleDirectory, listen });
  const url = server.url;
  let commits = 0;
  return {
    api,
    browser,
    get server() {
      return server;
    },
    async enter(roles, { project, handle, context: wish = {} } = {}) {
      const person = await makePerson(api, roles, {
        ...(project === undefined ? {} : { project }),
        ...(handle === undefined ? {} : { handle }),
      });
      const { body } = await api.post(`/api/v1/people/${person.handle}/link`);
      const context = await browser.newContext({ baseURL: url, ...wish });
      const page = await context.newPage();
      page.setDefaultTimeout(patience);
      await page.goto(body.path);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('link', { name: 'Liftlock' }).waitFor();
      return page;
    },
    async until(what) {
      const end = Date.now() + patience;
      while (Date.now() < end) {
        await api.work();
        const isThere = await what.waitFor({ timeout: 500 }).then(
          () => true,
          () => false,
        );
        if (isThere) return;
      }
      assert.fail(`${String(what)} did not come: ${await what.page().locator('body').innerText()}`);
    },
    async restart(meanwhile) {
      await server.stop();
      await meanwhile?.();
      server = await api.another({ consoleDirectory, listen });
    },
    async project(changes) {
      const { name } = await makeProject(api, changes);
      await look(api, name, 'first change');
      return name;
    },
    async commit(project, title) {
      api.git.commit(project, { 'index.html': String(++commits) }, title);
      await look(api, project, title);
    },
    async close() {
      await browser.close();
      await api.close();
    },
  };
}

/** The screen at this address, once everything on it is there. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await arrived(page);
}

export async function arrived(page: Page): Promise<void> {
  await page.locator('main h1').waitFor();
  await page
    .locator('main')
    .filter({ hasNotText: /Loading|Looking|looking/ })
    .waitFor();
}

/** What is filled in: a reason where nothing else is asked for, or whatever it takes. */
type Filling = string | ((dialog: Locator) => Promise<unknown>);

/** What was asked for was taken; where it was refused, why. */
export async function requested(dialog: Locator): Promise<void> {
  const told = dialog.getByRole('status').filter({ hasText: /^(Requested\.|Refused:)/ });
  assert.match(await told.innerText(), /^Requested\./);
}

/** An action, from its button in there to what the server said; answers its dialog, still open. */
export async function through(within: Page | Locator, label: string, filling?: Filling): Promise<Locator> {
  const page = 'goto' in within ? within : within.page();
  await within.getByRole('button', { name: label, exact: true }).first().click();
  const dialog = page.getByRole('dialog', { name: label });
  if (typeof filling === 'string') await dialog.getByRole('textbox').fill(filling);
  else await filling?.(dialog);
  await dialog.getByRole('button', { name: label, exact: true }).click();
  await requested(dialog);
  return dialog;
}

/** The same, and the dialog is closed. */
export async function act(within: Page | Locator, label: string, filling?: Filling): Promise<void> {
  const dialog = await through(within, label, filling);
  await dialog.getByRole('button', { name: 'Close' }).click();
}

/** A decision about a plan: why, then what one reads word for word, then that. Answers what was read. */
export async function decide(page: Page, label: string, reason: string): Promise<string> {
  await page.getByRole('button', { name: label, exact: true }).first().click();
  const dialog = page.getByRole('dialog', { name: label });
  await dialog.getByRole('textbox').fill(reason);
  await dialog.getByRole('button', { name: 'Read what I sign' }).click();
  const statement = await dialog.getByRole('region', { name: /word for word/ }).innerText();
  await dialog
    .getByRole('button', { name: /^(Approve|Reject)/ })
    .first()
    .click();
  await requested(dialog);
  await dialog.getByRole('button', { name: 'Close' }).click();
  return statement;
}

/** Has the repository looked at, until this commit is a release wherever automation takes it. */
async function look(api: ApiWorld, project: string, title: string): Promise<void> {
  const path = `/api/v1/projects/${project}`;
  assert.equal((await api.post(`${path}/notify`)).status, 202);
  const isThere = async (what: 'builds' | 'releases') => {
    const { body } = await api.get(`${path}/${what}?limit=1`);
    return body[what][0]?.title === title;
  };
  const end = Date.now() + patience;
  // A job of this world must not run before the transaction that queued it is over.
  while (!(await isThere('builds'))) assert.ok(Date.now() < end, `${title} was not seen`);
  await api.work();
  assert.ok(await isThere('releases'), `${title} did not become a release`);
}
