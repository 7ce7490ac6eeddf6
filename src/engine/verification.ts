/** Runs the verification commands of an environment against what runs there, and reads what they say (R20). */
import { hideIn } from '../domain/base/hidden.ts';
import type { EnvironmentId, PromotionId } from '../domain/base/id.ts';
import type { EnvironmentSpec, VerificationCommand } from '../domain/pipeline/environment.ts';
import type { Evidence } from '../domain/release/evidence.ts';
import type { Release } from '../domain/release/release.ts';
import { kindsOf, toolOf, type Reading } from '../domain/release/reading.ts';
import { combine, judgeExit, judgeReport } from '../domain/verdict/verdict.ts';
import { actors } from './announce.ts';
import type { Interruption } from './leases.ts';
import { fingerprint, outputOf, runTask, type TaskResult } from './tasks.ts';
import { newId, type World } from './world.ts';

export interface VerificationSubject {
  /** Names this verification; its commands run once under it. */
  readonly key: string;
  readonly release: Release;
  readonly environment: { readonly id: EnvironmentId; readonly spec: EnvironmentSpec };
  readonly promotion: PromotionId | undefined;
  readonly variables: Readonly<Record<string, string>>;
  /** What of them must not be seen, in output, reports and what is told of them. */
  readonly hide: readonly string[];
}

export type Verified =
  | {
      readonly done: true;
      readonly verdict: Evidence['verdict'];
      readonly summary: string;
      readonly evidence: readonly Evidence[];
    }
  | { readonly done: false; readonly by: Interruption };

/**
 * All commands in order; a failed one does not keep the others from being run, so that the record is whole.
 * The workspace `subject.key` stays until the caller has recorded the result: a repetition reads the same reports.
 */
export async function verify(world: World, subject: VerificationSubject, signal: AbortSignal): Promise<Verified> {
  const { verification } = subject.environment.spec;
  if (verification === 'none')
    return { done: true, verdict: 'PASS', summary: 'nothing to verify (verify: none)', evidence: [] };
  const directory = await world.workspaces.copyOf(
    await world.artifacts.unpack(subject.release.content.artifact),
    subject.key,
  );
  const evidence: Evidence[] = [];
  for (const [index, command] of verification.commands.entries()) {
    const key = `${subject.key}/${index}-${fingerprint(world, command.run)}`;
    const task = await runTask(
      world,
      {
        key,
        command: command.run,
        directory,
        variables: subject.variables,
        hide: subject.hide,
        timeout: command.timeout,
      },
      signal,
    );
    if (task.ended === 'interrupted') return { done: false, by: task.by };
    // Reports are files, which nobody has cleaned as output is.
    const result = hideIn(await judge(world, { command, task, directory }), subject.hide);
    evidence.push(
      toEvidence(world, subject, {
        command,
        key,
        result,
        milliseconds: task.milliseconds,
        output: await outputOf(world, key),
      }),
    );
  }
  const verdict = combine(evidence.map((piece) => piece.verdict));
  return { done: true, verdict, summary: summarise(evidence, verdict), evidence };
}

/** What the command says: its report, read together with its exit code, or the exit code alone. */
async function judge(
  world: World,
  {
    command,
    task,
    directory,
  }: { command: VerificationCommand; task: Exclude<TaskResult, { ended: 'interrupted' }>; directory: string },
): Promise<Reading> {
  const exitCode = task.ended === 'exited' ? task.exitCode : null;
  const { report } = command;
  const because = task.ended === 'cut-off' ? task.because : '';
  if (report === undefined) return { ...judgeExit(exitCode, because), details: { of: 'exit', code: exitCode } };
  const path = world.workspaces.inside(directory, report.path);
  const { reading } = await world.reports.readFile(path, { format: report.format, exitCode });
  return { ...judgeReport(reading, exitCode, toolOf(report.format, reading)), details: reading.details };
}

function toEvidence(
  world: World,
  subject: VerificationSubject,
  made: {
    command: VerificationCommand;
    key: string;
    result: Reading;
    milliseconds: number;
    output: string;
  },
): Evidence {
  const lastLine = made.output.split('\n').at(-1) ?? '';
  const said =
    made.result.details?.of === 'exit' && made.result.verdict !== 'PASS' && lastLine !== '' ? `: ${lastLine}` : '';
  return {
    id: newId(world, 'evd'),
    release: subject.release.id,
    artifact: subject.release.content.artifact,
    environment: subject.environment.id,
    promotion: subject.promotion,
    gitCommit: subject.release.content.commit,
    kind: made.command.report === undefined ? 'command' : kindsOf[made.command.report.format][0],
    name: made.command.name,
    verdict: made.result.verdict,
    summary: `${made.result.summary}${said}`,
    standing: 'attested',
    by: actors.engine,
    details: made.result.details,
    format: undefined,
    content: undefined,
    at: world.clock.now(),
    expiresAt: undefined,
    milliseconds: made.milliseconds,
    run: made.key,
  };
}

function summarise(evidence: readonly Evidence[], verdict: Evidence['verdict']): string {
  const telling = verdict === 'PASS' ? evidence : evidence.filter((piece) => piece.verdict !== 'PASS');
  return telling.map((piece) => `${piece.name}: ${piece.summary}`).join('; ');
}
