import type { Digest, Json } from '../../domain/base/digest.ts';
import { prepareDecision } from '../../engine/gate/approve.ts';
import { beginEnrolment, enrolIn, removePasskeyIn } from '../../engine/access/passkeys.ts';
import type { Passkey } from '../../ports/approvals.ts';
import { beginDecision, beginPasskey, enrolPasskey, listPasskeys, removePasskey } from '../contract/passkeys.ts';
import { command, direct, query, type Route } from '../route.ts';

export function passkeyRoutes(): readonly Route[] {
  return [
    query(listPasskeys, ({ store }, { caller: { person } }) =>
      store.transaction(async (tx) => ({
        passkeys: person === undefined ? [] : (await tx.passkeys.ofPerson(person)).map(view),
      })),
    ),

    direct(beginPasskey, async (world, { caller, visit }) => ({
      body: JSON.stringify(await beginEnrolment(world, { caller, origin: visit.base })),
      headers: {},
    })),

    command(enrolPasskey, async (world, tx, { caller, body }) => {
      const { challenge, name } = body;
      return view(await enrolIn(world, tx, { caller, challenge, name, answer: body.answer as Json }));
    }),

    command(removePasskey, async (world, tx, { caller, body }) => {
      await removePasskeyIn(world, tx, { caller, ...body });
      return { ...body, removed: true as const };
    }),

    direct(beginDecision, async (world, { params, body, actor, visit }) => {
      const planHash = body.planHash as Digest | undefined;
      const begun = await prepareDecision(world, { ...params, ...body, planHash, actor, origin: visit.base });
      return { body: JSON.stringify(begun), headers: {} };
    }),
  ];
}

function view({ id, name, createdAt, lastUsedAt }: Passkey) {
  return { id, name, createdAt, lastUsedAt: lastUsedAt ?? null };
}
