/** The beginning: on an empty database somebody must be there who can let others in. */
import type { Person } from '../../domain/access/person.ts';
import type { Role } from '../../domain/access/role.ts';
import { asFailure } from '../../domain/base/failure.ts';
import type { Duration } from '../../domain/base/time.ts';
import type { Transaction } from '../../ports/store.ts';
import { readCredential } from './credentials.ts';
import { grantIn } from './grants.ts';
import { identifyIn } from './identify.ts';
import { addPersonIn } from './people.ts';
import { makeLinkIn, type MadeLink } from './sign-in.ts';
import { createTokenIn, usualTokenLife } from './tokens.ts';
import type { World } from '../world.ts';

/** Whom a one-person installation begins with. */
export interface Operator {
  readonly handle: string;
  readonly name: string;
  readonly emails: readonly string[];
}

export interface Beginning {
  /** Who starts this server, when it is his own; nobody where it is run for others. */
  readonly operator: Operator | undefined;
  /** The token that this machine has. */
  readonly token: string | undefined;
  /** True when the database is this machine's own: whoever starts the server could write into it what he likes. */
  readonly owned: boolean;
  /** Keeps the operator's new token. Called before anything of it is committed, so that no crash loses the only way in. */
  readonly keep: (token: string) => Promise<void>;
}

/** What the one person of an installation needs to do everything; shown and revocable like any other grant. */
const operatorRoles: readonly Role[] = ['admin', 'developer', 'qa', 'maintainer', 'release-manager'];

const starter = 'system:start';
const renewedBefore = (30 * 86_400_000) as Duration;

export interface First {
  readonly person: Person;
  readonly link: MadeLink;
}

/**
 * Makes the first administrator, once in the life of a database, however many servers start on it together, and sees to
 * it that the operator has a token that is good. Answers the first administrator when it made one.
 */
export async function begin(world: World, beginning: Beginning): Promise<First | undefined> {
  return world.store.transaction(async (tx) => {
    const first = await makeFirstIn(world, tx, beginning.operator);
    if (beginning.operator === undefined) return first;
    const known = beginning.owned ? await tx.people.byHandle(beginning.operator.handle) : undefined;
    const person = first?.person ?? known;
    if (person === undefined || person.disabledAt !== undefined) return first;
    if (first === undefined && (await isGoodForLong(world, tx, beginning.token))) return first;
    const limits = { projects: undefined, actions: undefined, life: usualTokenLife };
    const { text } = await createTokenIn(world, tx, { person, name: 'this machine', ...limits, actor: starter });
    await beginning.keep(text);
    return first;
  });
}

async function makeFirstIn(world: World, tx: Transaction, operator: Operator | undefined): Promise<First | undefined> {
  if (!(await tx.people.lockWhenEmpty())) return undefined;
  const wanted = operator ?? { handle: 'admin', name: 'First administrator', emails: [] };
  const person = await addPersonIn(world, tx, { ...wanted, actor: starter });
  const reason = operator === undefined ? 'first start on an empty database' : 'the person of this machine';
  for (const role of operator === undefined ? (['admin'] as const) : operatorRoles)
    await grantIn(world, tx, { person, role, project: undefined, until: undefined, reason, actor: starter });
  return { person, link: await makeLinkIn(world, tx, { person, actor: starter }) };
}

async function isGoodForLong(world: World, tx: Transaction, text: string | undefined): Promise<boolean> {
  const parts = text === undefined ? undefined : readCredential('token', text);
  if (parts === undefined) return false;
  try {
    await identifyIn(world, tx, { kind: 'token', text: text! });
  } catch (thrown) {
    if (asFailure(thrown).code === 'request/unauthenticated') return false;
    throw thrown;
  }
  return (await tx.tokens.get(parts.id))!.expiresAt - world.clock.now() > renewedBefore;
}
