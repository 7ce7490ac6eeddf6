/** A question of the project's own: a command of the pipeline, run apart from the release, or a webhook. */
import { hiddenForms, secretsIn } from '../../domain/base/hidden.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { CustomGateSpec } from '../../domain/pipeline/gate-spec.ts';
import type { Asked, Reply } from './ask-outside.ts';
import { askWebhook } from './ask-webhook.ts';
import { asShutdown } from '../leases.ts';
import { fingerprint, outputOf, runTask } from '../tasks.ts';
import type { World } from '../world.ts';

const waits = 75;
/** As much of what a command says as fits a sentence. */
const mostSaid = 300;

export async function askCustom(world: World, asked: Asked, signal: AbortSignal): Promise<Reply> {
  const gate = asked.environment.spec.gates.find((one) => one.gate === 'custom' && one.name === asked.check.name) as
    | CustomGateSpec
    | undefined;
  if (gate === undefined) throw new Failure('gate/unanswered', `the pipeline no longer asks ${asked.check.name}`);
  return 'run' in gate ? runCommand(world, { ...asked, gate }, signal) : askWebhook(world, { ...asked, gate }, signal);
}

/**
 * The command line comes from the pipeline in force, and it runs in an empty directory: what it does is not the release's
 * to decide (R19). It gets no secrets; the release lies read-only where LIFTLOCK_ARTIFACT says.
 */
async function runCommand(
  world: World,
  asked: Asked & { readonly gate: CustomGateSpec & { readonly run: string } },
  signal: AbortSignal,
): Promise<Reply> {
  const { check, gate, release } = asked;
  const key = `gate/${check.id}/${check.attempt}-${fingerprint(world, gate.run)}`;
  const directory = await world.workspaces.fresh(`gate/${check.id}`);
  const artifact = await world.artifacts.unpack(release.content.artifact);
  const task = await runTask(
    world,
    {
      key,
      command: gate.run,
      directory,
      variables: { ...variablesOf(asked), LIFTLOCK_ARTIFACT: artifact },
      timeout: gate.timeout,
      // It gets no secrets of the project; what this machine hands to every command may look like one.
      hide: hiddenForms(secretsIn(world.host.variables)),
    },
    asShutdown(signal),
  );
  if (task.ended === 'interrupted') return { replied: false };
  const said = lastLine(await outputOf(world, key));
  await world.workspaces.remove(`gate/${check.id}`);
  if (task.ended === 'cut-off')
    throw new Failure('gate/unanswered', `${task.because}${said === '' ? '' : `: ${said}`}`);
  switch (task.exitCode) {
    case 0:
      return { replied: true, answer: 'open', because: said === '' ? 'exited with 0' : said };
    case 1:
      return { replied: true, answer: 'closed', because: said === '' ? 'exited with 1' : said };
    case waits:
      return { replied: true, answer: 'waiting', because: said === '' ? `exited with ${waits}` : said };
    default:
      throw new Failure(
        'gate/unanswered',
        `exited with ${task.exitCode}, which is no answer${said === '' ? '' : `: ${said}`}`,
      );
  }
}

/** What the question is about; the same names as for commands of an environment. */
function variablesOf({ check, project, environment, release }: Asked): Readonly<Record<string, string>> {
  return {
    LIFTLOCK_PROJECT: project.name,
    LIFTLOCK_ENVIRONMENT: environment.spec.name,
    LIFTLOCK_RELEASE: release.id,
    LIFTLOCK_RELEASE_NUMBER: String(release.number),
    LIFTLOCK_COMMIT: release.content.commit,
    LIFTLOCK_ARTIFACT_DIGEST: release.content.artifact,
    LIFTLOCK_PROMOTION: check.promotion ?? '',
    LIFTLOCK_PLAN: check.subject.split(' ')[1] ?? '',
  };
}

function lastLine(output: string): string {
  const line = output.split('\n').findLast((one) => one.trim() !== '') ?? '';
  return line.trim().slice(0, mostSaid);
}
