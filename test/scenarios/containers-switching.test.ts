import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutDocker } from '../docker.ts';
import { switchUnderLoad } from './containers-switching.ts';

const skip = await withoutDocker();

test(
  'ten deployments of containers under keep-alive load, at once and step by step, fail no request',
  { skip },
  async () => {
    const { answered, failed } = await switchUnderLoad(10, 8);
    assert.deepEqual(failed, []);
    assert.ok(answered > 500, `${answered} requests are no load`);
  },
);
