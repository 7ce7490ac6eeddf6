/** What people ask for: promote, roll back, abort, approve, hold, pin, veto, freeze, and a new pipeline. */
import fc from 'fast-check';
import { plus, type Duration } from '../../../src/domain/base/time.ts';
import { decideIn } from '../../../src/engine/gate/approve.ts';
import {
  freezeIn,
  holdIn,
  liftFreezeIn,
  liftVetoIn,
  pinIn,
  releaseHoldIn,
  unpinIn,
  vetoIn,
} from '../../../src/engine/promotion/controls.ts';
import { promote } from '../../../src/engine/promotion/promote.ts';
import { applyPipeline } from '../../../src/engine/pipeline/register.ts';
import { requestVerificationIn } from '../../../src/engine/promotion/reverify.ts';
import { rollback } from '../../../src/engine/promotion/rollback.ts';
import { abort } from '../../../src/engine/promotion/stop.ts';
import {
  asked,
  command,
  environment,
  inTransaction,
  index,
  people,
  pick,
  reason,
  someRelease,
  which,
} from './command.ts';
import { pipelineWith } from './pipeline.ts';
import { environmentId } from './stage.ts';

const openPromotions = `select id from promotions where state <> 'ended' order by seq`;

export const promotes = fc.record({ environment, at: fc.nat({ max: 3 }), actor: people }).map((order) =>
  command(
    `${order.actor} promotes ${order.at} before the newest to ${order.environment}`,
    { needsCommits: true },
    async (stage) => {
      const release = await someRelease(stage, order.at);
      await asked(() =>
        promote(stage.worker(0).world, {
          project: 'shop',
          release,
          environment: order.environment,
          actor: order.actor,
        }),
      );
    },
  ),
);

export const rollbacks = fc
  .record({ environment, to: fc.option(fc.nat({ max: 3 }), { nil: undefined }), actor: people })
  .map((order) =>
    command(
      `${order.actor} rolls ${order.environment} back to ${order.to ?? 'the last good one'}`,
      { needsCommits: true },
      async (stage) => {
        const to = order.to === undefined ? undefined : await someRelease(stage, order.to);
        await asked(() =>
          rollback(stage.worker(0).world, {
            project: 'shop',
            environment: order.environment,
            to,
            reason,
            actor: order.actor,
          }),
        );
      },
    ),
  );

export const aborts = fc.record({ at: index, actor: people, by: which }).map((order) =>
  command(`${order.actor} aborts open promotion ${order.at}`, { needsCommits: true }, async (stage) => {
    const found = await pick<{ id: string }>(stage, openPromotions, order.at);
    if (found !== undefined)
      await asked(() => abort(stage.worker(order.by).world, { promotion: found.id, reason, actor: order.actor }));
  }),
);

export const decides = fc
  .record({
    decision: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'reject' as const),
    actor: people,
  })
  .map((order) =>
    command(
      `${order.actor} would ${order.decision} what waits for production`,
      { needsCommits: true },
      async (stage) => {
        const waiting = await pick<{ release_id: string }>(
          stage,
          `select release_id from promotions where state = 'waiting' and environment_id = '${environmentId(stage, 'production')}'`,
          0,
        );
        if (waiting === undefined) return;
        await inTransaction(stage, (world, tx) =>
          decideIn(world, tx, {
            project: 'shop',
            release: waiting.release_id,
            environment: 'production',
            planHash: undefined,
            reason,
            ...order,
          }),
        );
      },
    ),
  );

export const controls = fc
  .record({
    what: fc.constantFrom(
      'hold',
      'release-hold',
      'release-hold',
      'pin',
      'unpin',
      'unpin',
      'veto',
      'lift-veto',
      'lift-veto',
      'verify',
    ),
    environment,
    at: fc.nat({ max: 3 }),
    everywhere: fc.boolean(),
    actor: people,
  })
  .map((order) =>
    command(`${order.actor} asks for ${order.what} ${JSON.stringify(order)}`, { needsCommits: true }, (stage) =>
      inTransaction(stage, async (world, tx) => {
        const release = await someRelease(stage, order.at);
        const request = { project: 'shop', environment: order.environment, reason, actor: order.actor };
        const about = { ...request, release, environment: order.everywhere ? undefined : order.environment };
        if (order.what === 'hold') await holdIn(world, tx, request);
        if (order.what === 'release-hold') await releaseHoldIn(world, tx, request);
        if (order.what === 'pin') await pinIn(world, tx, { ...request, release });
        if (order.what === 'unpin') await unpinIn(world, tx, request);
        if (order.what === 'veto') await vetoIn(world, tx, about);
        if (order.what === 'lift-veto') await liftVetoIn(world, tx, about);
        if (order.what === 'verify') await requestVerificationIn(world, tx, request);
      }),
    ),
  );

export const freezes = fc
  .record({
    environment: fc.option(environment, { nil: undefined }),
    everything: fc.boolean(),
    begins: fc.constantFrom(0, 60_000),
    lasts: fc.constantFrom(60_000, 6 * 3_600_000, undefined),
    actor: people,
  })
  .map((order) =>
    command(`${order.actor} freezes ${JSON.stringify(order)}`, {}, (stage) =>
      inTransaction(stage, async (world, tx) => {
        const from = plus(world.clock.now(), order.begins as Duration);
        const until = order.lasts === undefined ? undefined : plus(from, order.lasts as Duration);
        await freezeIn(world, tx, {
          project: 'shop',
          environment: order.everything ? undefined : order.environment,
          everything: order.everything,
          from,
          until,
          reason,
          actor: order.actor,
        });
      }),
    ),
  );

export const thaws = index.map((at) =>
  command(`somebody lifts freeze ${at}`, {}, async (stage) => {
    const found = await pick<{ id: string }>(stage, 'select id from freezes where lifted_at is null', at);
    if (found !== undefined)
      await inTransaction(stage, (world, tx) => liftFreezeIn(world, tx, { freeze: found.id, reason, actor: 'ann' }));
  }),
);

export const revisions = fc.integer({ min: 1, max: 3 }).map((version) =>
  command(`somebody applies revision ${version} of the pipeline`, {}, async (stage) => {
    await applyPipeline(stage.worker(0).world, {
      pipeline: pipelineWith(version),
      text: '',
      sourceUrl: undefined,
      actor: 'ann',
    });
  }),
);
