/** The keys of the demo's people sign as ssh-keygen does. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { createSignatures } from '../../../src/adapters/signatures/signatures.ts';
import { createSigningKey, signingKey } from '../../../src/cli/demo/signing-key.ts';
import { instant } from '../../../src/domain/base/time.ts';

const signatures = createSignatures();
const at = instant(Date.UTC(2026, 0, 1));
const payload = Buffer.from('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\na change\n');

test('a signature is good for what was signed, and for nothing else', async () => {
  const key = createSigningKey('mats@bookshop.example');
  const keys = await signatures.readPublicKeys(key.publicKey);
  const signature = Buffer.from(key.sign(payload));
  const [good, changed] = await signatures.verify(
    [
      { payload, signature },
      { payload: Buffer.from(`${payload.toString()} `), signature },
    ],
    { keys, at },
  );
  assert.equal(good!.good, true);
  assert.equal(changed!.good, false);
});

test('a key that was kept is the same key, and another person’s is not', async () => {
  const key = createSigningKey('rita@bookshop.example');
  const kept = signingKey(createPrivateKey(key.pem), 'rita@bookshop.example');
  assert.equal(kept.publicKey, key.publicKey);
  const others = await signatures.readPublicKeys(createSigningKey('dana@bookshop.example').publicKey);
  const [answer] = await signatures.verify([{ payload, signature: Buffer.from(kept.sign(payload)) }], {
    keys: others,
    at,
  });
  assert.equal(answer!.good, false);
});
