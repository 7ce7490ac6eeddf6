/** OpenPGP keys and signatures as GnuPG makes them, in a home of their own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasGpg = spawnSync('gpg', ['--version']).error === undefined;

export interface GpgWorld {
  readonly home: string;
  /** Answers the fingerprint. `created` is when it says it was made, in epoch seconds. */
  makeKey(name: string, algorithm: string, options?: { created?: number; expire?: string }): string;
  exportKey(name: string): string;
  /** An armored detached signature. */
  sign(name: string, payload: string, options?: readonly string[]): string;
  run(args: readonly string[], input?: string | Buffer): Buffer;
  /** Takes back a key with the certificate that GnuPG made along with it. */
  revoke(fingerprint: string): void;
  remove(): void;
}

export function gpgWorld(): GpgWorld {
  // Sockets have short paths, so this is not below the directory of the test.
  const home = mkdtempSync(join(tmpdir(), 'll-keys-'));
  const run: GpgWorld['run'] = (args, input = '') =>
    execFileSync('gpg', ['--batch', '--no-tty', '--pinentry-mode=loopback', '--passphrase=', ...args], {
      env: { PATH: process.env['PATH'], HOME: home, GNUPGHOME: home, LC_ALL: 'C' },
      input,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  const at = (seconds: number | undefined) => (seconds === undefined ? [] : [`--faked-system-time=${seconds}`]);
  return {
    home,
    makeKey: (name, algorithm, { created, expire = 'never' } = {}) => {
      run([...at(created), '--quick-generate-key', `${name} <${name}@example.org>`, algorithm, 'sign', expire]);
      const listed = run(['--with-colons', '--list-keys', `${name}@example.org`]).toString();
      return /^fpr:+([0-9A-F]+):/m.exec(listed)![1]!;
    },
    exportKey: (name) => run(['--armor', '--export', `${name}@example.org`]).toString(),
    sign: (name, payload, options = []) =>
      run(['--armor', ...options, '-u', name.endsWith('!') ? name : `${name}@`, '--detach-sign'], payload).toString(),
    run,
    revoke: (fingerprint) => {
      const certificate = readFileSync(join(home, 'openpgp-revocs.d', `${fingerprint}.rev`), 'utf8');
      run(['--import'], certificate.replace(':-----BEGIN', '-----BEGIN'));
    },
    remove: () => {
      spawnSync('gpgconf', ['--homedir', home, '--kill', 'all'], { env: { PATH: process.env['PATH'], HOME: home } });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Packets in the armor of a signature. */
export function pgpArmored(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PGP SIGNATURE-----', '', ...lines, '-----END PGP SIGNATURE-----', ''].join('\n');
}

export function pgpDearmored(text: string): Buffer {
  const lines = text.trim().split('\n');
  const content = lines.slice(lines.indexOf('') + 1, -1).filter((line) => !line.startsWith('='));
  return Buffer.from(content.join(''), 'base64');
}
