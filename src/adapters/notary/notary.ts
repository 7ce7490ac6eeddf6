/** The notary on two files of the home, readable by their owner only. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { noteKey, type NoteSigner } from '../../domain/audit/note.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Notary } from '../../ports/notary.ts';

/** Makes the key when there is none. @throws Failure `audit/unreadable` for a file that holds no Ed25519 key. */
export async function openNotary(files: { keyFile: string; lastSignedFile: string }): Promise<Notary> {
  const key = await keyIn(files.keyFile);
  const publicKey = rawPublicKey(key);
  return {
    signer: (name): NoteSigner => ({
      key: noteKey(hashBytes, name, publicKey),
      sign: (message) => sign(null, message, key),
    }),
    async lastSigned() {
      return readIfThere(files.lastSignedFile);
    },
    async remember(checkpoint) {
      const draft = draftOf(files.lastSignedFile);
      await writeDurably(draft, checkpoint);
      await rename(draft, files.lastSignedFile);
    },
  };
}

async function keyIn(file: string): Promise<KeyObject> {
  const known = await readIfThere(file);
  return known === undefined ? makeKey(file) : readKey(file, known);
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Whoever comes first wins; the loser reads what the winner wrote. */
async function makeKey(file: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = draftOf(file);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeDurably(draft, String(privateKey.export({ format: 'pem', type: 'pkcs8' })));
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return readKey(file, await readFile(file, 'utf8'));
}

function readKey(file: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below.
  }
  throw new Failure('audit/unreadable', `${file} holds no Ed25519 private key`, {
    hint: 'Put the file back from a copy; a new key would have to be published to everybody who checks the log.',
  });
}

/** The last 32 bytes of the SubjectPublicKeyInfo (RFC 8410). */
function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function draftOf(file: string): string {
  return `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
}

function hashBytes(content: Uint8Array): Uint8Array {
  return createHash('sha256').update(content).digest();
}
