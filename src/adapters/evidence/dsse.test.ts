import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSignedBy, preAuthEncoding, readSealed, seal, statementMedia, type Sealed } from './dsse.ts';
import { privateKeyOf, publicHalfOf, readPublicKey } from './keys.ts';

const key = privateKeyOf(new Uint8Array(32).fill(7));
const own = publicHalfOf(key);
const other = publicHalfOf(privateKeyOf(new Uint8Array(32).fill(8)));
const payload = Buffer.from('{"a":1}');
const envelope = () => JSON.parse(Buffer.from(seal(payload, key, own.id)).toString()) as Record<string, unknown>;
const read = (value: unknown): Sealed => {
  const sealed = readSealed(value);
  assert.ok(typeof sealed !== 'string', String(sealed));
  return sealed;
};

test('what is signed is the encoding of the specification', () => {
  const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
  assert.equal(Buffer.from(encoded).toString(), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  assert.equal(Buffer.from(preAuthEncoding('é', Buffer.from(''))).toString(), 'DSSEv1 2 é 0 ');
});

test('an envelope is verified by the key that made it, and by no other', () => {
  const sealed = read(envelope());
  assert.deepEqual([isSignedBy(sealed, own), isSignedBy(sealed, other)], [true, false]);
  assert.deepEqual(Buffer.from(sealed.payload), payload);
});

test('any change of payload, type or signature makes it nobody’s', () => {
  const sealed = read(envelope());
  const changed = (bytes: Uint8Array, at: number) =>
    Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
  fc.assert(
    fc.property(fc.nat({ max: payload.length - 1 }), fc.nat({ max: 63 }), (place, signaturePlace) => {
      assert.equal(isSignedBy({ ...sealed, payload: changed(sealed.payload, place) }, own), false);
      assert.equal(isSignedBy({ ...sealed, signatures: [changed(sealed.signatures[0]!, signaturePlace)] }, own), false);
    }),
  );
  assert.equal(isSignedBy({ ...sealed, payloadType: 'application/json' }, own), false);
});

test('the key id is a hint that nobody believes', () => {
  const { signatures, ...rest } = envelope();
  const [{ sig }] = signatures as [{ sig: string }];
  assert.equal(isSignedBy(read({ ...rest, signatures: [{ keyid: other.id, sig }] }), other), false);
  assert.equal(isSignedBy(read({ ...rest, signatures: [{ sig }] }), own), true);
});

test('one good signature among others is enough; many are refused', () => {
  const { signatures, ...rest } = envelope();
  const [{ sig }] = signatures as [{ sig: string }];
  const bad = { sig: Buffer.alloc(64).toString('base64') };
  assert.equal(isSignedBy(read({ ...rest, signatures: [bad, { sig }] }), own), true);
  assert.match(String(readSealed({ ...rest, signatures: Array.from({ length: 17 }, () => bad) })), /more than 16/);
});

test('base64 of either alphabet is read, and nothing that a lenient decoder would skip', () => {
  const good = envelope();
  const urlSafe = String(good['payload']).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  assert.deepEqual(Buffer.from(read({ ...good, payload: urlSafe }).payload), payload);
  for (const wrong of ['e30 ', 'e30\n', 'e3.0', '=e30', 'e', 7, null, ['e30=']])
    assert.equal(typeof readSealed({ ...good, payload: wrong }), 'string', JSON.stringify(wrong));
});

test('an envelope without signatures, or of another type, is refused', () => {
  const good = envelope();
  for (const change of [{ signatures: [] }, { signatures: {} }, { signatures: [{}] }, { payloadType: 'text/plain' }])
    assert.equal(typeof readSealed({ ...good, ...change }), 'string', JSON.stringify(change));
});

test('ECDSA with P-256 is believed, other keys are not', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = readPublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const signature = sign('sha256', preAuthEncoding(statementMedia, payload), privateKey);
  assert.equal(isSignedBy({ payloadType: statementMedia, payload, signatures: [signature] }, signer), true);
  const refused = [
    generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
    generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey,
    generateKeyPairSync('ed448').publicKey,
  ];
  for (const strange of refused)
    assert.throws(
      () => readPublicKey(strange.export({ type: 'spki', format: 'pem' }).toString()),
      /cannot sign evidence/,
    );
});

test('a private key is not taken for a public one, and nonsense for none', () => {
  const pem = privateKeyOf(new Uint8Array(32).fill(1)).export({ type: 'pkcs8', format: 'pem' }).toString();
  assert.throws(() => readPublicKey(pem), /this is a private key/);
  for (const text of ['', 'ssh-ed25519 AAAA', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'])
    assert.throws(() => readPublicKey(text), { code: 'input/invalid' });
});
