/** People, by the names that are recorded everywhere. */
import type { PersonId } from '../base/id.ts';
import type { Instant } from '../base/time.ts';

export interface Person {
  readonly id: PersonId;
  /** What events, approvals and grants record; never changed, never given to another person. */
  readonly handle: string;
  readonly name: string;
  /** Lower case. An administrator vouches that they are this person's: they recognise the authors of commits. */
  readonly emails: readonly string[];
  readonly createdAt: Instant;
  readonly disabledAt: Instant | undefined;
}

const handlePattern = /^[a-z0-9][a-z0-9.-]{0,38}$/;

export function isHandle(text: string): boolean {
  return handlePattern.test(text);
}

/** A handle made of any name: `Zoë Ångström` becomes `zoe.angstrom`. `undefined` when nothing of it is usable. */
export function handleOf(name: string): string | undefined {
  const handle = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '.')
    .replaceAll(/^[.-]+/g, '')
    .slice(0, 39)
    .replaceAll(/[.-]+$/g, '');
  return isHandle(handle) ? handle : undefined;
}

/** As it is stored and compared; `undefined` for what is no address. Mailboxes that differ in case only are one person's in practice. */
export function emailOf(text: string): string | undefined {
  const email = text.trim().toLowerCase();
  return email.length <= 254 && /^[^\s@<>"\p{C}]+@[^\s@<>"\p{C}]+$/u.test(email) ? email : undefined;
}

/** The address of a commit's author line, `Ada Example <ada@example.org>`. */
export function emailOfAuthor(author: string): string | undefined {
  const [, inside] = /<([^<>]*)>\s*$/.exec(author) ?? [];
  return inside === undefined ? undefined : emailOf(inside);
}
