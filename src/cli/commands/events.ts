import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import { clockTime } from '../format.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';
import { momentOf } from '../time.ts';

interface EventView {
  readonly cursor: string;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const act: Act = async (invocation) => {
  const { output, options } = invocation;
  const client = await connect(invocation);
  const project = decodeURIComponent((await projectPath(invocation, client)).split('/').at(-1)!);
  const recent = await client.get<{ events: readonly EventView[] }>('/api/v1/events/list', {
    project,
    limit: String(options['number']),
    ...searched(options),
  });
  if (options['watch'] !== true) {
    output.answer(recent, () => recent.events.map(render).join('\n'));
    return 0;
  }
  for (const event of recent.events) output.line(event, () => render(event));
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const after = recent.events.at(-1)?.cursor;
  try {
    for await (const { event, data } of client.events({
      project,
      signal: stop.signal,
      ...(after === undefined ? {} : { after }),
    })) {
      // Anything but a plain message is about the stream, not of the log.
      if (event === 'message') output.line(data, () => render(data as EventView));
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  return stop.signal.aborted ? 130 : 0;
};

/** What is watched is everything: a search is of what was. */
function searched(options: Invocation['options']): Record<string, string> {
  const { kind, by, environment, release, since, until, watch } = options;
  const given = { kind, actor: by, environment, release };
  const times = Object.entries({ since, until }).flatMap(([name, text]) =>
    typeof text === 'string' ? [[name, String(momentOf(text))] as const] : [],
  );
  const found = Object.fromEntries([
    ...Object.entries(given).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text] as const] : [])),
    ...times,
  ]);
  if (watch === true && Object.keys(found).length > 0)
    throw new Failure('input/invalid', 'what is watched is not searched', { hint: 'leave out --watch' });
  return found;
}

function render({ at, kind, actor, data }: EventView): string {
  const fields = Object.entries(data ?? {}).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${clockTime(at)}  ${kind.padEnd(26)} ${actor.padEnd(16)} ${fields.join(' ')}`;
}
