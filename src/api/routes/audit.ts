import { bundleOf, proofOf, served } from '../../engine/prove.ts';
import { eraseIn } from '../../engine/erase.ts';
import { sequenceAll, type AuditParts } from '../../engine/sequence.ts';
import { erasePerson, exportRelease, listCheckpoints, listEntries, proveEvent, showAudit } from '../contract/audit.ts';
import { command, query, type Route } from '../route.ts';

export function auditRoutes(parts: AuditParts): readonly Route[] {
  const { audit } = parts;
  return [
    query(showAudit, async (world, { query: { fresh } }) => {
      if (fresh === 'yes') await sequenceAll({ world, ...parts }, { atOnce: true });
      const [state, keys, checkpoint] = await Promise.all([audit.state(), audit.keys(), audit.newest()]);
      return { ...state, keys, checkpoint: checkpoint ?? null };
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

    query(exportRelease, async (world, { params }) => ({ bundle: await bundleOf(world, parts, params) })),
  ];
}
