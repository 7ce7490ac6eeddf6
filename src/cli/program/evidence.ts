/** `liftlock evidence …`: what tools found out about a release, and whose signatures are believed. */
import { Option, type Command } from 'commander';
import { reportFormats } from '../../domain/pipeline/report.ts';
import { uploadedKinds } from '../../domain/release/evidence.ts';
import type { Load } from '../invocation.ts';
import { exitCode } from './option-values.ts';

type Run = (load: Load, command: Command) => Promise<void>;

export function addEvidence(program: Command, act: Run): void {
  const evidence = program
    .command('evidence')
    .description('what was found out about a release: add, list, show; whose signatures count: signer')
    .addHelpCommand(false);
  const add = evidence
    .command('add <release> <file>')
    .description('record a report of a tool, or a signed statement (DSSE); - reads standard input')
    .addOption(
      new Option('-k, --kind <kind>', 'what it is evidence of (default: what its format says)').choices(uploadedKinds),
    )
    .option('-e, --env <environment>', 'where it was found out (default: about the artifact anywhere)')
    .option('-n, --name <name>', 'tells results of one kind apart (default: the format)')
    .addOption(new Option('-f, --format <format>', 'how it is written (default: found out)').choices(reportFormats))
    .option('--exit-code <number>', 'exit code of the tool that wrote it', exitCode)
    .option('--expires <time>', 'until when it counts: a time, or a length such as 7d');
  add.action(() => act(() => import('../commands/evidence-add.ts'), add));
  const list = evidence.command('list <release>').description('evidence about a release, and which of it counts');
  list.action(() => act(() => import('../commands/evidence-list.ts'), list));
  const show = evidence
    .command('show <evidence>')
    .description('one piece: its findings or figures, and its signature, verified now')
    .option('--raw', 'write the stored bytes and nothing else')
    .option('--envelope', 'write the signed statement (DSSE) and nothing else');
  show.action(() => act(() => import('../commands/evidence-show.ts'), show));
  addSigner(evidence, act);
}

function addSigner(evidence: Command, act: Run): void {
  const signer = evidence
    .command('signer')
    .description('machines and tools whose signatures on evidence are believed: add, revoke, list')
    .addHelpCommand(false);
  const add = signer
    .command('add <name> <key-file>')
    .description('believe a public key (PEM; Ed25519 or ECDSA with P-256)')
    .requiredOption('--kinds <kinds>', `what it may attest, separated by commas: ${uploadedKinds.join(',')}`)
    .option('--projects <names>', 'for which projects, separated by commas (default: all)')
    .option('--expires <time>', 'until when: a time, or a length such as 90d');
  add.action(() => act(() => import('../commands/evidence-signer-add.ts'), add));
  const revoke = signer
    .command('revoke <signer>')
    .description('believe a key no more; what it attested is only claimed from then on')
    .option('-r, --reason <text>', 'why; it is recorded');
  revoke.action(() => act(() => import('../commands/evidence-signer-revoke.ts'), revoke));
  const list = signer.command('list').description('signers, and the keys with which Liftlock signs');
  list.action(() => act(() => import('../commands/evidence-signer-list.ts'), list));
}
