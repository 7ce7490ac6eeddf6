/** Runs the verification commands of an environment against what runs there, and reads what they say (R20). */
import { hide, hideIn } from '../../domain/base/hidden.ts';
import type { EnvironmentId, PromotionId } from '../../domain/base/id.ts';
import type { EnvironmentSpec, VerificationCommand } from '../../domain/pipeline/environment.ts';
import type { Evidence } from '../../domain/release/evidence.ts';
import type { Release } from '../../domain/release/release.ts';
import { kindsOf, toolOf, type Reading } from '../../domain/release/reading.ts';
import { combine, judgeExit, judgeReport } from '../../domain/verdict/verdict.ts';
import { attest } from '../release/attest.ts';
import type { Interruption } from '../leases.ts';
import { fingerprint, outputOf, runTask, type TaskResult } from '../tasks.ts';
import type { World } from '../world.ts';

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
    const said = hiddenIn(await judge(world, { command, task, directory }), subject.hide);
    evidence.push(
      await toEvidence(world, subject, {
        command,
        key,
        said,
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
): Promise<Said> {
  const exitCode = task.ended === 'exited' ? task.exitCode : null;
  const { report } = command;
  const because = task.ended === 'cut-off' ? task.because : '';
  if (report === undefined)
    return {
      result: { ...judgeExit(exitCode, because), details: { of: 'exit', code: exitCode } },
      content: undefined,
    };
  const path = world.workspaces.inside(directory, report.path);
  const { reading, content } = await world.reports.readFile(path, { format: report.format, exitCode });
  const judged = judgeReport(reading, exitCode, toolOf(report.format, reading));
  return { result: { ...judged, details: reading.details }, content };
}

/** What the command says, and the report it says it in. */
interface Said {
  readonly result: Reading;
  readonly content: Uint8Array | undefined;
}

/** What is kept of a report must not hold what its command was given in confidence. */
function hiddenIn({ result, content }: Said, forms: readonly string[]): Said {
  return { result: hideIn(result, forms), content: content && hiddenBytes(content, forms) };
}

/** Unchanged bytes when there is nothing to hide, whatever they are. */
function hiddenBytes(content: Uint8Array, forms: readonly string[]): Uint8Array {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  for (const encoding of ['utf8', 'utf16le'] as const) {
    const text = bytes.toString(encoding);
    const hidden = hide(text, forms);
    if (hidden !== text) return Buffer.from(hidden, encoding);
  }
  return content;
}

function toEvidence(
  world: World,
  subject: VerificationSubject,
  made: { command: VerificationCommand; key: string; said: Said; milliseconds: number; output: string },
): Promise<Evidence> {
  const { command, said } = made;
  const { verdict, summary, details } = said.result;
  const lastLine = made.output.split('\n').at(-1) ?? '';
  const output = details?.of === 'exit' && verdict !== 'PASS' && lastLine !== '' ? `: ${lastLine}` : '';
  const { release, environment, promotion } = subject;
  return attest(
    world,
    {
      release: release.id,
      artifact: release.content.artifact,
      gitCommit: release.content.commit,
      environment: environment.id,
      promotion,
      kind: command.report === undefined ? 'command' : kindsOf[command.report.format][0],
      name: command.name,
      verdict,
      summary: `${summary}${output}`,
      details,
      milliseconds: made.milliseconds,
      run: made.key,
    },
    {
      environment: environment.spec.name,
      report: command.report && { format: command.report.format, content: said.content },
    },
  );
}

function summarise(evidence: readonly Evidence[], verdict: Evidence['verdict']): string {
  const telling = verdict === 'PASS' ? evidence : evidence.filter((piece) => piece.verdict !== 'PASS');
  return telling.map((piece) => `${piece.name}: ${piece.summary}`).join('; ');
}
