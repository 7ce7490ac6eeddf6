import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { createContents } from '../../src/adapters/contents/contents.ts';
import type { Digest } from '../../src/domain/base/digest.ts';
import type { Contents } from '../../src/ports/contents.ts';
import { sha256 } from '../world/make.ts';

let directory = '';
let contents: Contents;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftlock contents '));
  contents = createContents({ directory: join(directory, 'evidence') });
});
after(() => rm(directory, { recursive: true, force: true }));

const files = async () =>
  (await readdir(directory, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());

test('bytes are kept under their own SHA-256, and come back as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (content) => {
      const digest = await contents.put(content);
      assert.equal(digest, sha256(content));
      assert.deepEqual(new Uint8Array(await contents.get(digest)), content);
    }),
    { numRuns: 30 },
  );
});

test('the same content is kept once, however many put it at once, and nothing half written stays', async () => {
  const already = (await files()).length;
  const content = Buffer.from('the same for all');
  const digests = new Set(await Promise.all(Array.from({ length: 20 }, () => contents.put(content))));
  assert.equal(digests.size, 1);
  assert.equal((await files()).length, already + 1);
});

test('stored content belongs to its owner and cannot be written', async () => {
  const digest = await contents.put(Buffer.from('mine'));
  const path = join(directory, 'evidence', digest.slice(7, 9), digest.slice(7));
  assert.equal((await stat(path)).mode & 0o777, 0o400);
});

test('content that was changed on disk, is gone or was never there is refused under its own code', async () => {
  const digest = await contents.put(Buffer.from('true'));
  const path = join(directory, 'evidence', digest.slice(7, 9), digest.slice(7));
  await chmod(path, 0o600);
  await writeFile(path, 'false');
  await assert.rejects(contents.get(digest), { code: 'evidence/content-corrupt' });
  await rm(path);
  await assert.rejects(contents.get(digest), { code: 'evidence/content-missing' });
  await assert.rejects(contents.get('sha256:../../../etc/passwd' as Digest), { code: 'evidence/content-missing' });
});
