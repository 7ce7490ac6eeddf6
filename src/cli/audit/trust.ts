/** What checks signatures on this machine: `node:crypto`, and public keys from a file. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseKey, type NoteKey } from '../../domain/audit/note.ts';
import { trustedCheckpoint, type SignedCheckpoint, type Trust } from '../../domain/audit/proved.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Invocation } from '../invocation.ts';

export function hashBytes(content: Uint8Array): Uint8Array {
  return createHash('sha256').update(content).digest();
}

export function trustIn(lines: readonly string[]): Trust {
  const keys = lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): NoteKey => parseKey(hashBytes, line));
  return { hash: hashBytes, verify: verifySignature, keys };
}

/** The keys of the file that `--key` names. @throws Failure `input/invalid` without one. */
export async function givenTrust(invocation: Invocation): Promise<Trust> {
  const { key } = invocation.options;
  if (typeof key !== 'string')
    throw new Failure('input/invalid', 'by which public key is this to be checked?', {
      hint: '--key FILE, with what `liftlock audit key` printed when you trusted it',
    });
  const trust = trustIn((await readText(invocation, key)).split('\n'));
  if (trust.keys.length > 0) return trust;
  throw new Failure('input/invalid', `there is no public key in ${key}`, { hint: 'liftlock audit key' });
}

export async function readText({ directory }: Pick<Invocation, 'directory'>, file: string): Promise<string> {
  return readFile(resolve(directory, file), 'utf8').catch((error: Error) => {
    throw new Failure('input/invalid', `${file} cannot be read: ${error.message}`, { cause: error });
  });
}

/** Signed notes that follow each other in one file, with or without empty lines between. */
export function checkpointsIn(trust: Trust, text: string): readonly SignedCheckpoint[] {
  const notes: string[] = [];
  let note = '';
  for (const line of text.split(/(?<=\n)/)) {
    if (note.includes('\n— ') && !line.startsWith('— ')) {
      notes.push(note);
      note = '';
    }
    if (note !== '' || line.trim() !== '') note += line;
  }
  return [...notes, note].filter((one) => one !== '').map((one) => trustedCheckpoint(trust, one));
}

/** Ed25519. The key's bytes are put behind the beginning of its SubjectPublicKeyInfo (RFC 8410). */
function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
}
