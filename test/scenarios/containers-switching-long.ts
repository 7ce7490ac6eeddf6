/** By hand: `node --test test/scenarios/containers-switching-long.ts`. A hundred deployments of containers under load, and how it went. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutDocker } from '../docker.ts';
import { switchUnderLoad } from './containers-switching.ts';

test(
  'a hundred deployments of containers fail no request',
  { skip: await withoutDocker(), timeout: 3_600_000 },
  async () => {
    const { answered, failed, deployments, seconds } = await switchUnderLoad(100, 32);
    console.log(
      `${deployments} deployments in ${seconds.toFixed(0)} s, ${answered} requests (${(answered / seconds).toFixed(0)}/s), ${failed.length} failed`,
    );
    assert.deepEqual(failed, []);
  },
);
