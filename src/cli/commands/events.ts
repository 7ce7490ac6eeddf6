import type { EventView } from '../../api/contract/events.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import { clockTime } from '../text/format.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';
import { momentOf } from '../text/time.ts';

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
    output.answer(recent, () => recent.events.map(render).join('\n') || 'no such event');
    return 0;
  }
  // Before the first line, because whoever reads it may end it.
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  for (const event of recent.events) output.line(event, () => render(event));
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

/** Where it happened and to which release comes first: it says more than the rest. */
function render({ at, kind, actor, environment, release, data }: EventView): string {
  const place = { environment, release: release && `#${release.number}` };
  const fields = Object.entries({ ...place, ...data }).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`],
  );
  return `${clockTime(at)}  ${kind.padEnd(26)} ${actor.padEnd(16)} ${fields.join(' ')}`;
}
