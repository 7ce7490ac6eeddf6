import { asFailure } from '../../domain/base/failure.ts';
import { changeBundle, proofOf, releaseBundle, served } from '../../engine/audit/prove.ts';
import { eraseIn } from '../../engine/audit/erase.ts';
import { sequenceAll, type AuditParts } from '../../engine/audit/sequence.ts';
import type { World } from '../../engine/world.ts';
import {
  erasePerson,
  exportChange,
  exportRelease,
  listCheckpoints,
  listEntries,
  proveEvent,
  showAudit,
} from '../contract/audit.ts';
import { command, query, type Route } from '../route.ts';

export function auditRoutes(parts: AuditParts): readonly Route[] {
  const { audit } = parts;
  return [
    query(showAudit, async (world, { query: { fresh } }) => {
      const refused = fresh === 'yes' ? await whyRefused(world, parts) : undefined;
      const [state, keys, checkpoint] = await Promise.all([audit.state(), audit.keys(), audit.newest()]);
      return { ...state, keys, checkpoint: checkpoint ?? null, refused: refused ?? null };
    }),

    query(listEntries, async (_, { query: asked }) => ({ entries: (await audit.entries(asked)).map(served) })),

    query(listCheckpoints, async (_, { query: asked }) => ({ checkpoints: await audit.checkpoints(asked) })),

    query(proveEvent, (world, { params }) => proofOf(world, parts, params.event)),

    command(erasePerson, async (world, tx, { body, actor }) => ({
      erased: await eraseIn(world, tx, {
        handle: body.person,
        others: body.alsoKnownAs,
        textsToo: body.texts,
        reason: body.reason,
        actor,
      }),
    })),

    query(exportRelease, async (world, { params }) => ({ bundle: await releaseBundle(world, parts, params) })),

    query(exportChange, async (world, { params }) => ({ bundle: await changeBundle(world, parts, params) })),
  ];
}

/** A log that was changed is the one that people most need to look at. */
async function whyRefused(world: World, parts: AuditParts): Promise<string | undefined> {
  try {
    await sequenceAll({ world, ...parts }, { atOnce: true });
    return undefined;
  } catch (thrown) {
    const { code, message } = asFailure(thrown);
    if (code === 'audit/inconsistent') return message;
    throw thrown;
  }
}
