/** Commands about signatures: keys, the repository as it is trusted, and signed releases. */
import type { Command } from 'commander';
import type { Load } from '../invocation.ts';

type Carry = (load: Load, command: Command) => Promise<void>;

interface Parts {
  readonly act: Carry;
  readonly ask: (command: Command) => Command;
  readonly reason: (command: Command) => Command;
}

export function addSigning(release: Command, act: Carry): void {
  const sign = release
    .command('sign <release>')
    .description('show what a version would release, and sign its tag with your own git and key')
    .requiredOption('--version <version>', 'vMAJOR.MINOR.PATCH, newer than every one before')
    .option('--push', 'and push the tag')
    .option('--remote <name>', 'where to push it', 'origin')
    .option('-y, --yes', 'do not ask')
    .option('--no-input', 'never ask; fail instead');
  sign.action(() => act(() => import('../commands/release-sign.ts'), sign));
}

export function addSource(program: Command, { act, ask: withAsk, reason: withReason }: Parts): void {
  const source = program
    .command('source')
    .description('the repository as Liftlock sees it: acknowledge')
    .addHelpCommand(false);
  const acknowledge = withAsk(
    withReason(
      source
        .command('acknowledge')
        .description('take main as it stands for history, after it was moved back or unsigned'),
    ),
  );
  acknowledge.action(() => act(() => import('../commands/source-acknowledge.ts'), acknowledge));
}

export function addSigners(program: Command, { act, ask: withAsk, reason: withReason }: Parts): void {
  const signer = program
    .command('signer')
    .description('keys whose signatures count: add, revoke, list')
    .addHelpCommand(false);
  const addKey = signer
    .command('add <owner> <file>')
    .description('add keys of a person: an SSH public key, an allowed_signers file, an OpenPGP key')
    .option('--platform', 'the owner is a hosting platform, which vouches for no person')
    .option('--expires <time>', 'a time such as 2027-01-31, or a length such as 52w');
  addKey.action(() => act(() => import('../commands/signer-add.ts'), addKey));
  const revoke = withAsk(
    withReason(
      signer.command('revoke <fingerprint>').description('from now on it starts nothing; what rests on it stops'),
    ),
  );
  revoke.action(() => act(() => import('../commands/signer-revoke.ts'), revoke));
  const list = signer.command('list').description('every key that is or was trusted');
  list.action(() => act(() => import('../commands/signer-list.ts'), list));
}
