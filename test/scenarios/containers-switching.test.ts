import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutDocker } from '../world/docker.ts';
import { switchUnderLoad } from './containers-switching.ts';

const skip = await withoutDocker();

test(
  'six deployments of containers under keep-alive load, slow uploads, streams and WebSockets fail nothing',
  { skip },
  async () => {
    const { answered, failed, outlasting } = await switchUnderLoad(6, 8);
    assert.deepEqual(failed, []);
    for (const [what, { done, failed: broken }] of Object.entries(outlasting)) {
      assert.ok(done > 0, `${what}: none came through`);
      assert.equal(broken, 0, what);
    }
    assert.ok(answered > 300, `${answered} requests are no load`);
  },
);
