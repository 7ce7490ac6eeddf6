/** Questions to the API of a forge: authorised, bounded, and checked for their shape. */
import { z } from 'zod';
import { Failure } from '../../domain/base/failure.ts';
import type { ForgeRef } from '../../ports/forge.ts';
import type { Outgoing } from '../../ports/outgoing.ts';

const timeoutMs = 20_000;
const mostBytes = 4 * 1024 * 1024;
const pageSize = 100;
/** More reviews or commits than this in one request are not looked at, and nothing is known then. */
const mostPages = 5;

export interface Ask {
  /** `undefined` when there is no such thing (404). */
  one<T>(path: string, shape: z.ZodType<T>): Promise<T | undefined>;
  /** All pages of a list. */
  all<T>(path: string, shape: z.ZodType<T>): Promise<readonly T[]>;
}

export function askForge(outgoing: Outgoing, forge: ForgeRef): Ask {
  const host = new URL(forge.api).host;
  const failed = (because: string, cause?: unknown) =>
    new Failure('gate/unanswered', `${host} did not answer as it should: ${because}`, { cause });

  async function get(path: string): Promise<unknown> {
    const { status, body } = await outgoing.request({
      url: `${forge.api}${path}`,
      headers: { accept: 'application/json', ...authorization(forge) },
      timeoutMs,
      mostBytes,
    });
    if (status === 404) return undefined;
    // What the forge says beside it may hold what we sent.
    if (status !== 200) throw failed(`status ${status}`);
    try {
      return JSON.parse(new TextDecoder().decode(body)) as unknown;
    } catch (error) {
      throw failed('this is not JSON', error);
    }
  }

  function read<T>(value: unknown, shape: z.ZodType<T>): T {
    const parsed = shape.safeParse(value);
    if (!parsed.success) throw failed('its answer has another shape than known', parsed.error);
    return parsed.data;
  }

  return {
    async one(path, shape) {
      const value = await get(path);
      return value === undefined ? undefined : read(value, shape);
    },
    async all(path, shape) {
      const items = [];
      for (let page = 1; page <= mostPages; page++) {
        const separator = path.includes('?') ? '&' : '?';
        const value = await get(`${path}${separator}per_page=${pageSize}&limit=${pageSize}&page=${page}`);
        const found = value === undefined ? [] : read(value, z.array(shape));
        items.push(...found);
        // Servers may have smaller pages than asked for; only an empty one, or a whole list, is surely the last.
        if (found.length === 0 || (page === 1 && found.length < 30)) return items;
      }
      throw failed('there is more than is looked at');
    },
  };
}

function authorization({ kind, token }: ForgeRef): Readonly<Record<string, string>> {
  switch (kind) {
    case 'github':
      return { authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' };
    case 'gitlab':
      return { 'private-token': token };
    case 'gitea':
      return { authorization: `token ${token}` };
  }
}
