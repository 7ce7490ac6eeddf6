/** Public key files of SSH, and the `allowed_signers` files of `ssh-keygen -Y` (its manual page, ALLOWED SIGNERS). */
import { Failure } from '../../domain/base/failure.ts';
import { instant, type Instant } from '../../domain/base/time.ts';
import type { PublicKey } from '../../domain/trigger/signature.ts';
import { strictBase64 } from './base64.ts';
import { Refused } from './refused.ts';
import { readSshKey } from './ssh-key.ts';

const mostKeys = 10_000;

/** @throws Failure `input/invalid` that names the line; what stands in it is not repeated. */
export function readSshPublicKeys(text: string): readonly PublicKey[] {
  const keys = text.split('\n').flatMap((line, index): PublicKey[] => {
    const content = line.replace(/\r$/, '').trim();
    return content === '' || content.startsWith('#') ? [] : [readLine(content, index + 1)];
  });
  if (keys.length === 0) throw invalid('there is no key in it');
  if (keys.length > mostKeys) throw invalid(`there are ${keys.length} keys in it, more than ${mostKeys}`);
  return keys;
}

/** A key, or who it belongs to, options and a key. */
function readLine(line: string, number: number): PublicKey {
  const words = splitWords(line);
  if (words === undefined) throw invalid(`a quotation mark in line ${number} is not closed`);
  if (isKeyType(words[0])) return readKey(words, number);
  const [principals = '', ...rest] = words;
  const options = isKeyType(rest[0]) ? {} : readOptions(rest.shift() ?? '', number);
  const names = principals.split(',').filter((name) => name !== '');
  if (!isKeyType(rest[0]) || names.length === 0) throw invalid(`line ${number} holds no SSH public key`);
  if (!names.every((name) => /^[^"\p{C}]{1,254}$/u.test(name))) throw invalid(`a name in line ${number} is no name`);
  return { ...readKey(rest, number), principals: names, ...options };
}

function isKeyType(word: string | undefined): boolean {
  return word !== undefined && /^(?:ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)[a-z0-9@.-]+$/.test(word);
}

/** At spaces outside quotation marks, which are left off. */
function splitWords(line: string): readonly string[] | undefined {
  if ((line.match(/"/g) ?? []).length % 2 === 1) return undefined;
  return (line.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((word) => word.replaceAll('"', '\u0000')).map(unquoteWhole);
}

/** Marks inside a word belong to an option and are read with it. */
function unquoteWhole(word: string): string {
  const whole = /^\0([^\0]*)\0$/.exec(word)?.[1];
  return whole ?? word.replaceAll('\u0000', '"');
}

function readKey([type = '', base64 = '', ...comment]: readonly string[], number: number): PublicKey {
  try {
    const key = readSshKey(strictBase64(base64));
    if (key.type !== type) throw invalid(`the key in line ${number} is of another type than the line says`);
    const { fingerprint, algorithm } = key;
    return { kind: 'ssh', fingerprint, material: `${type} ${base64}`, algorithm, comment: plain(comment.join(' ')) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const because = error.code === 'SIGNATURE_CERTIFICATE' ? 'it is a certificate, not a key' : error.message;
    throw invalid(`the key in line ${number} is not accepted: ${because}`, error.hint);
  }
}

function readOptions(text: string, number: number): { validAfter?: Instant; validBefore?: Instant } {
  const options: { validAfter?: Instant; validBefore?: Instant } = {};
  for (const option of text.match(/(?:[^,"]|"[^"]*")+/g) ?? []) {
    const [, name, value] = /^([a-z-]+)(?:="([^"]*)")?$/i.exec(option) ?? [];
    switch (name?.toLowerCase()) {
      case 'namespaces':
        requireGit(value ?? '', number);
        break;
      case 'valid-after':
        options.validAfter = readTime(value ?? '', number);
        break;
      case 'valid-before':
        options.validBefore = readTime(value ?? '', number);
        break;
      case 'cert-authority':
        throw invalid(`line ${number} is about an authority, and certificates are not accepted`);
      default:
        throw invalid(`line ${number} has an option that is not known, or holds no SSH public key`);
    }
  }
  return options;
}

function requireGit(namespaces: string, number: number): void {
  const covers = namespaces.split(',').some((pattern) => pattern === 'git' || pattern === '*');
  if (!covers) throw invalid(`the key in line ${number} is not for signatures of Git (namespaces)`);
}

/** `YYYYMMDD[HHMM[SS]]Z`. Without the Z it would be the local time of whoever reads it: of which machine? */
function readTime(text: string, number: number): Instant {
  const parts = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z$/.exec(text);
  if (parts === null) {
    throw invalid(
      `a time in line ${number} is not of the form YYYYMMDDHHMMSSZ`,
      'End it with Z: times are in UTC here.',
    );
  }
  const [year, month, day, hour, minute, second] = parts.slice(1).map((part) => part ?? '00');
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at)) throw invalid(`a time in line ${number} is not in the calendar`);
  return instant(at);
}

/** Text chosen by somebody else, for one line on a screen. */
export function plain(text: string): string {
  return text
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
    .slice(0, 200);
}

export function invalid(because: string, hint?: string): Failure {
  return new Failure('input/invalid', `the public keys cannot be read: ${because}`, {
    hint: hint ?? 'Give an SSH public key file (.pub), an allowed_signers file, or an armored OpenPGP public key.',
  });
}
