import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cpuMs } from '../../../test/world/busy-machine.ts';
import { hiddenForms, hide } from '../../domain/base/hidden.ts';
import { createHider } from './hider.ts';

function throughPieces(text: string, forms: readonly string[], sizes: readonly number[]): string {
  const hider = createHider(forms);
  const bytes = Buffer.from(text);
  const shown: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length]!;
    shown.push(hider.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat([...shown, hider.end()]).toString();
}

test('however the output is cut into pieces, nothing hidden comes through and nothing else is lost', () => {
  const secret = fc.constantFrom('aabaabaac', 'abcabcabd', 'pass"word\\1', 'ünïcödé-ßecret', '0123456789');
  const noise = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '\n', 'ü', '0'), maxLength: 12 });
  const texts = fc.array(fc.oneof(noise, secret), { maxLength: 12 });
  fc.assert(
    fc.property(
      texts,
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (parts, values, sizes) => {
        const forms = hiddenForms(values);
        const text = parts.join('');
        const shown = throughPieces(text, forms, sizes);
        for (const form of forms) assert.ok(!shown.includes(form), `${form} in ${shown}`);
        if (!forms.some((form) => text.includes(form))) assert.equal(shown, text);
        assert.equal(shown, throughPieces(text, forms, [1_000]), 'the same in one piece');
      },
    ),
    { numRuns: 2_000 },
  );
});

test('output that could still become something hidden is kept back only until it is known', () => {
  const hider = createHider(['secret-value']);
  assert.equal(hider.push(Buffer.from('listening on secret')).toString(), 'listening on ');
  assert.equal(hider.push(Buffer.from('s anonymous\n')).toString(), 'secrets anonymous\n');
  assert.equal(hider.push(Buffer.from('secret-val')).toString(), '');
  assert.equal(hider.push(Buffer.from('ue!')).toString(), '[hidden]!');
  assert.equal(hider.push(Buffer.from('end s')).toString(), 'end ');
  assert.equal(hider.end().toString(), 's');
});

test('hundreds of forms cost about what one costs', () => {
  const values = Array.from({ length: 50 }, (_, index) => `canary-${index}-${'x'.repeat(30)}`);
  const output = Buffer.from('npm warn deprecated something that nobody reads anyway\n'.repeat(20_000));
  const begin = cpuMs();
  assert.equal(createHider(hiddenForms(values)).push(output).length, output.length);
  assert.ok(cpuMs() - begin < 2_000, `1 MB took ${cpuMs() - begin} ms`);
});

test('text is freed of the same forms', () => {
  const forms = hiddenForms(['p@ss word/1']);
  for (const form of [
    'p@ss word/1',
    'p%40ss%20word%2F1',
    'p%40ss+word%2F1',
    Buffer.from('p@ss word/1').toString('hex'),
  ])
    assert.equal(hide(`<${form}>`, forms), '<[hidden]>', form);
  for (const user of ['a', 'ab', 'abc', 'abcd']) {
    const basic = Buffer.from(`${user}:p@ss word/1`).toString('base64');
    assert.match(hide(`Authorization: Basic ${basic}`, forms), /\[hidden\]/, basic);
  }
  assert.equal(hide('{"a":"x\\ny"}', hiddenForms(['x\ny'])), '{"a":"x\\ny"}', 'three characters are no secret');
});
