import { cloudEvent } from '../../domain/audit/cloud-event.ts';
import { exported, type ServedEntry } from '../../domain/audit/exported.ts';
import { spreadsheetHead, spreadsheetLine } from '../../domain/audit/spreadsheet.ts';
import { openEvent, openingsOf, readLeaf, type AuditedEvent } from '../../domain/audit/leaf.ts';
import { Failure } from '../../domain/base/failure.ts';
import { parseDuration } from '../../domain/base/time.ts';
import { lookAtAudit, servedEntries } from '../audit/served-log.ts';
import { hashBytes } from '../audit/trust.ts';
import { writeOut } from '../audit/write-out.ts';
import { connect, type Client } from '../client.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

type Format = 'jsonl' | 'csv' | 'cloudevents';

interface Wanted {
  readonly format: Format;
  readonly origin: string;
  readonly since: number;
  readonly release: string | undefined;
}

export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const client = await connect(invocation);
  const wanted: Wanted = {
    format: formatOf(options),
    since: typeof options['since'] === 'string' ? beginningOf(options['since']) : -Infinity,
    release: await releaseOf(invocation, client),
    origin: (await lookAtAudit(client)).origin,
  };
  let written = 0;
  const count = (text: string): string => {
    written += 1;
    return text;
  };
  const file = await writeOut(invocation, linesOf(client, wanted, count));
  if (file !== undefined) output.answer({ file, entries: written }, () => `${written} entries are in ${file}`);
  return 0;
};

async function* linesOf(client: Client, wanted: Wanted, count: (text: string) => string): AsyncIterable<string> {
  if (wanted.format === 'csv') yield spreadsheetHead;
  for await (const entry of servedEntries(client)) {
    const event = recordedEvent(entry);
    if (isWanted(event, wanted)) yield count(lineOf(entry, event, wanted));
  }
}

/** An entry whose event is gone or cannot be read stays in an export that is to be checked, and only there. */
function isWanted(event: AuditedEvent | undefined, { format, since, release }: Wanted): boolean {
  if (event === undefined) return format === 'jsonl' && since === -Infinity && release === undefined;
  return event.at >= since && (release === undefined || event.release === release);
}

function lineOf(entry: ServedEntry, event: AuditedEvent | undefined, { format, origin }: Wanted): string {
  if (format === 'jsonl' || event === undefined) return `${JSON.stringify(exported(entry))}\n`;
  if (format === 'csv') return spreadsheetLine(entry.index, event);
  return `${JSON.stringify(cloudEvent(origin, event, entry.index))}\n`;
}

/** What the log says, whatever readers are shown elsewhere. */
function recordedEvent({ event }: ServedEntry): AuditedEvent | undefined {
  if (event === null) return undefined;
  try {
    return openEvent(hashBytes, readLeaf(event.leaf), openingsOf(event.shown, event.salts)).event;
  } catch {
    return undefined;
  }
}

function formatOf(options: Invocation['options']): Format {
  const given = (['csv', 'jsonl', 'cloudevents'] as const).filter((format) => options[format] === true);
  if (given.length > 1)
    throw new Failure('input/invalid', `one format at a time: ${given.map((format) => `--${format}`).join(' or ')}?`);
  return given[0] ?? 'jsonl';
}

function beginningOf(text: string): number {
  const length = parseDuration(text);
  const at = length === undefined ? Date.parse(text) : Date.now() - length;
  if (!Number.isNaN(at)) return at;
  throw new Failure('input/invalid', `${text} is neither a time nor a length of time`, {
    hint: 'for example 2026-11-01T00:00Z or 30d',
  });
}

async function releaseOf(invocation: Invocation, client: Client): Promise<string | undefined> {
  const { release } = invocation.options;
  if (typeof release !== 'string') return undefined;
  const path = `${await projectPath(invocation, client)}/releases/${encodeURIComponent(release)}`;
  return (await client.get<{ release: { id: string } }>(path)).release.id;
}
