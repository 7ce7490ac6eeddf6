/** By hand: `node --test test/scenarios/containers-switching-long.ts`. A hundred deployments of containers under load, and how it went. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutDocker } from '../world/docker.ts';
import { switchUnderLoad } from './containers-switching.ts';

test(
  'a hundred deployments of containers fail no request, cut no stream and break no WebSocket',
  { skip: await withoutDocker(), timeout: 3_600_000 },
  async () => {
    const { answered, failed, outlasting, deployments, seconds } = await switchUnderLoad(100, 32);
    console.log(
      `${deployments} deployments in ${seconds.toFixed(0)} s, ${answered} requests (${(answered / seconds).toFixed(0)}/s), ${failed.length} failed`,
    );
    console.log(JSON.stringify(outlasting));
    assert.deepEqual(failed, []);
    for (const [what, { done, failed: broken }] of Object.entries(outlasting)) {
      assert.ok(done > 100, `${what}: ${done} are no load`);
      assert.equal(broken, 0, what);
    }
  },
);
