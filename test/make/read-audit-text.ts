/** Everything that reads texts of an audit log which others may have written, and what may become of that: an answer, or a sentence. */
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { checkBundle } from '../../src/domain/audit/bundle.ts';
import { parseCheckpoint } from '../../src/domain/audit/checkpoint.ts';
import { parseObject, readExported } from '../../src/domain/audit/exported.ts';
import { openEvent, readLeaf } from '../../src/domain/audit/leaf.ts';
import { parseKey, parseNote } from '../../src/domain/audit/note.ts';
import { checkProofDocument, type Trust } from '../../src/domain/audit/proved.ts';
import { verifyLog } from '../../src/domain/audit/verify-log.ts';
import { Failure } from '../../src/domain/base/failure.ts';
import { hashBytes } from './audit.ts';

const corpus = new URL('../corpus/audit/', import.meta.url);

export const auditTexts: ReadonlyMap<string, string> = new Map(
  readdirSync(corpus).map((name) => [name, readFileSync(new URL(name, corpus), 'utf8')]),
);

/** Believes the key of the corpus. */
const trust: Trust = {
  hash: hashBytes,
  keys: [parseKey(hashBytes, auditTexts.get('key.txt')!.trim())],
  verify: (key, message, signature) => {
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
    return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
  },
};

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  key: (text) => parseKey(hashBytes, text.trim()),
  note: (text) => parseNote(text),
  checkpoint: (text) => parseCheckpoint(parseNote(text).text),
  entry: (text) => openEvent(hashBytes, readLeaf(text), {}),
  line: (text) => readExported(parseObject(text, 'it'), 'it'),
  log: (text) => {
    const verifier = verifyLog(hashBytes, []);
    verifier.add({ index: 0, leaf: text, openings: {} });
    return verifier.finish();
  },
  proof: (text) => checkProofDocument(trust, text),
  bundle: (text) => checkBundle(trust, text),
};

/** Names of those that understood the text. Fails when one throws anything but a failure of ours. */
export function understood(text: string): readonly string[] {
  return Object.entries(readers).flatMap(([name, read]) => {
    try {
      read(text);
      return [name];
    } catch (error) {
      assert.ok(error instanceof Failure && error.code.startsWith('audit/'), `${name}: ${String(error)}`);
      return [];
    }
  });
}
