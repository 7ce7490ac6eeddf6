/** Follows the event log and tells, line by line, what a person wants to know of it. */
import type { EventView } from '../../api/contract/events.ts';
import type { StatusView } from '../../api/contract/environments.ts';
import type { PromotionView } from '../../api/contract/promotions.ts';
import type { Client } from '../client.ts';
import { span } from '../text/format.ts';
import type { Output } from '../output.ts';

export interface Timeline {
  /** Tells what happened until `done` says so of the present state. @throws Error when that takes longer than `patience`, or nothing can be built. */
  until<T>(what: string, done: (status: StatusView) => T | undefined): Promise<T>;
  /** A line of the demo's own. */
  say(text: string): void;
  heading(text: string): void;
}

const lookEvery = 150;
const patience = 180_000;

export function createTimeline(client: Client, output: Output, project: string): Timeline {
  const startedAt = Date.now();
  let cursor: string | undefined;
  let unbuilt: string | undefined;
  const urls = new Map<string, string>();

  async function tellNews(): Promise<void> {
    const page = await client.get<{ events: readonly EventView[]; cursor: string | null }>('/api/v1/events/list', {
      project,
      limit: '200',
      cursor,
    });
    cursor = page.cursor ?? cursor;
    for (const event of page.events) {
      const isUnbuilt = event.kind === 'build.failed' || event.kind === 'build.errored';
      if (isUnbuilt && event.at >= startedAt) unbuilt = 'the sample application could not be built';
      const line = await tell(client, event, urls);
      if (line !== undefined)
        output.line(
          { at: event.at, kind: event.kind, environment: event.environment, text: line },
          () => `${stamp(event.at - startedAt)}  ${line}`,
        );
    }
  }

  return {
    async until(what, done) {
      const giveUpAt = Date.now() + patience;
      for (;;) {
        const status = await client.get<StatusView>(`/api/v1/projects/${project}/status`);
        for (const { name, url } of status.environments) if (url !== null) urls.set(name, url);
        const result = done(status);
        await tellNews();
        if (unbuilt !== undefined) throw new Error(unbuilt);
        if (result !== undefined) return result;
        if (Date.now() > giveUpAt) throw new Error(`waited ${span(patience)} for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, lookEvery));
      }
    },
    say: (text) =>
      output.line({ at: Date.now(), kind: 'demo', text }, () => `${stamp(Date.now() - startedAt)}  ${text}`),
    heading: (text) => output.line({ at: Date.now(), kind: 'demo.step', text }, () => `\n${output.style.bold(text)}`),
  };
}

/** One sentence for an event, or nothing for those that only machines care for. */
async function tell(client: Client, event: EventView, urls: ReadonlyMap<string, string>): Promise<string | undefined> {
  const data = event.data as Readonly<Record<string, string | number | undefined>>;
  const where = (event.environment ?? '').padEnd(12);
  const which = event.release === null ? '' : `#${event.release.number}`;
  switch (event.kind) {
    case 'build.requested':
      return `commit       ${String(data['commit']).slice(0, 10)} on ${String(data['ref']).replace('refs/heads/', '')}: ${data['title']}`;
    case 'release.created':
      return `built        release ${which}: ${data['files']} files, ${String(data['artifact']).slice(0, 19)}…; this artifact goes everywhere`;
    case 'build.failed':
      return `build        failed: ${data['because']}`;
    case 'promotion.requested':
      return `${where} release ${which} ${data['rollbackOf'] === undefined && data['rollback'] === undefined ? 'asks to enter' : 'goes back in'}${data['trigger'] === undefined ? '' : ` (${data['trigger']})`}`;
    case 'promotion.started':
      return `${where} ▶ ${which} deploys; ${await whyAllowed(client, event)}`;
    case 'promotion.approved':
      return `${where} approved by ${event.actor}: ${data['reason']}`;
    case 'release.verified':
      return `${where} ${data['verdict'] === 'PASS' ? '✔' : '✘'} ${which} ${data['verdict']}: ${firstLine(data['summary'])}`;
    case 'promotion.ended':
      return endLine(client, event, { where, which, url: urls.get(event.environment ?? '') });
    case 'rollout.started':
      return Number(data['steps']) === 0
        ? undefined
        : `${where} ◐ ${which} takes over by ${data['strategy']}, beside the release that serves`;
    case 'rollout.step-entered':
      return `${where} ◐ ${which} step ${data['step']} of ${data['of']}: ${data['what']}`;
    case 'rollout.returned':
      return `${where} ↩ ${which} all requests are back on the release before: ${firstLine(data['because'])}`;
    case 'environment.held':
      return `${where} automation is on hold: ${data['reason']}`;
    case 'environment.hold-released':
      return `${where} automation goes on`;
    case 'environment.healed':
      return `${where} ${which} was down and serves again`;
    default:
      return undefined;
  }
}

async function whyAllowed(client: Client, event: EventView): Promise<string> {
  const promotion = await client.get<PromotionView>(`/api/v1/promotions/${event.promotion}`);
  const open = promotion.answers.filter(({ answer }) => answer === 'open').map(({ because }) => because);
  return open.length === 0 ? 'every gate was open at once' : `allowed: ${[...new Set(open)].join('; ')}`;
}

async function endLine(
  client: Client,
  event: EventView,
  { where, which, url }: { where: string; which: string; url: string | undefined },
): Promise<string> {
  const promotion = await client.get<PromotionView>(`/api/v1/promotions/${event.promotion}`);
  const took =
    promotion.startedAt === null || promotion.endedAt === null
      ? ''
      : ` in ${span(promotion.endedAt - promotion.startedAt)}`;
  const { outcome, reason } = event.data as { outcome: string; reason: string };
  if (outcome === 'succeeded') return `${where} ● ${which} ${outcome}${took}; serves at ${url ?? 'its own address'}`;
  return `${where} ■ ${which} ${outcome}${took}: ${firstLine(reason)}`;
}

function firstLine(text: string | number | undefined): string {
  return String(text ?? '').split('\n')[0] ?? '';
}

function stamp(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
}
