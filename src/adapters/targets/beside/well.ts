/** Asking the instances of what serves whether they are well, and ending one that is not. */
import type { Answer } from '../../../domain/observation/ailing.ts';
import type { Deployment } from '../../../ports/target.ts';
import { inWords, isHealthy } from '../health.ts';
import type { RunningParts } from './bring-up.ts';
import { findGroup, stopAll, wantedOf } from './group.ts';
import { listeningMs } from './readiness.ts';
import { isUp, urlOf, type Run } from './runner.ts';

/** What hangs hears nothing, so it gets little time; its users are waiting. */
const mostHangingMs = 2_000;
/** An answer that is later than this beyond its time was missed by us: we stood still, or the whole machine did. */
const ownDelayMs = 1_000;

export async function ask(parts: RunningParts, deployment: Deployment): Promise<readonly Answer[]> {
  const up = wantedOf(await findGroup(parts.runner, deployment), deployment).filter(isUp);
  const answers = await Promise.all(up.map((run) => askOne(parts, deployment, run)));
  return answers.filter((answer) => answer !== undefined);
}

async function askOne(parts: RunningParts, { service }: Deployment, run: Run): Promise<Answer | undefined> {
  const { health } = service;
  const { instance } = run;
  if (health.kind === 'process') return seenFromOutside(parts, run, health.settle + listeningMs);
  const address = urlOf(run);
  if (address === undefined) return undefined;
  const { href } = new URL(health.path, address);
  const begin = parts.clock.now();
  const answer = await parts.probe.http(href, { timeoutMs: health.timeout });
  if (isHealthy(answer)) return { instance, is: 'well', because: '' };
  const end = parts.clock.now();
  const missed = end - begin > health.timeout + ownDelayMs || (!answer.reached && answer.byUs === true);
  if (missed || isComingUp(run, end - health.deadline)) return undefined;
  return { instance, is: answer.reached ? 'unwell' : 'silent', because: `${href}: ${inWords(answer)}` };
}

/** Nobody says where to ask it: there is what its image says, or that its port, which was open when it became ready, is not any more. */
async function seenFromOutside(
  { runner, clock }: RunningParts,
  run: Run,
  startingMs: number,
): Promise<Answer | undefined> {
  const { instance, key, address } = run;
  const own = await runner.ownHealth?.(key);
  if (own === 'unhealthy') return { instance, is: 'unwell', because: "the image's HEALTHCHECK calls it unhealthy" };
  const isFine = own === 'healthy' || (address && (await runner.stillListens?.(address)));
  if (isFine === true) return { instance, is: 'well', because: '' };
  if (isFine === undefined || isComingUp(run, clock.now() - startingMs)) return undefined;
  return { instance, is: 'silent', because: `nobody listens at port ${address?.port} any more` };
}

/** It has ended and was started again since, and has not had its time to come up yet. */
function isComingUp({ state }: Run, since: number): boolean {
  return state.state === 'running' && state.begunAgainAt !== undefined && state.begunAgainAt > since;
}

/** One that answers gets the time that a service has to leave. */
export async function endOne(
  { runner }: RunningParts,
  deployment: Deployment,
  { instance, answers }: { readonly instance: number; readonly answers: boolean },
): Promise<void> {
  const { runs } = await findGroup(runner, deployment);
  const ill = runs.filter((run) => run.instance === instance);
  await stopAll(runner, ill, answers ? deployment.service.stopGrace : hangingGrace(deployment));
}

export function hangingGrace({ service }: Deployment): number {
  return Math.min(service.stopGrace, mostHangingMs);
}
