import { judge } from '../../domain/access/judge.ts';
import type { PersonId } from '../../domain/base/id.ts';
import type { Caller } from '../../engine/access/identify.ts';
import { findPerson } from '../../engine/access/people.ts';
import { endSessionIn } from '../../engine/access/sign-in.ts';
import type { World } from '../../engine/world.ts';
import type { Transaction } from '../../ports/store.ts';
import { endNamedSession, listOwnSessions, listSessions, type SessionView } from '../contract/session.ts';
import { command, query, type Route } from '../route.ts';

export function sessionsRoutes(): readonly Route[] {
  return [
    query(listOwnSessions, (world, { caller }) =>
      world.store.transaction(async (tx) => ({
        sessions: caller.person === undefined ? [] : await view(world, tx, { caller, person: caller.person }),
      })),
    ),
    query(listSessions, (world, { caller, query: { person } }) =>
      world.store.transaction(async (tx) => {
        const only = person === undefined ? {} : { person: (await findPerson(tx, person)).id };
        return { sessions: await view(world, tx, { caller, ...only }) };
      }),
    ),
    command(endNamedSession, async (world, tx, { params, caller }) => {
      const others = judge(caller, 'person:manage', { project: undefined, kinds: [] }).allowed;
      await endSessionIn(world, tx, { ...params, person: caller.person, actor: caller.handle, others });
      return params;
    }),
  ];
}

async function view(
  { clock }: World,
  tx: Transaction,
  { caller, person }: { caller: Caller; person?: PersonId },
): Promise<SessionView[]> {
  const found = await tx.sessions.live({ now: clock.now(), ...(person === undefined ? {} : { person }) });
  const views: SessionView[] = [];
  for (const session of found)
    views.push({
      id: session.id,
      person: (await tx.people.get(session.person))!.handle,
      browser: session.browser ?? null,
      startedAt: session.createdAt,
      lastUsedAt: session.lastUsedAt ?? null,
      expiresAt: session.expiresAt,
      current: session.id === caller.credential,
    });
  return views;
}
