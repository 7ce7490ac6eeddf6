import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Checkpoint } from '../../domain/audit/checkpoint.ts';
import { exported, parseObject, readExported, toLogEntry } from '../../domain/audit/exported.ts';
import { trustedCheckpoint, type Trust } from '../../domain/audit/proved.ts';
import { verifyLog, type LogEntry, type LogFindings, type Problem } from '../../domain/audit/verify-log.ts';
import { Failure } from '../../domain/base/failure.ts';
import { lookAtAudit, servedCheckpoints, servedEntries } from '../audit/served-log.ts';
import { reportLog } from '../audit/report.ts';
import { checkpointsIn, givenTrust, hashBytes, readText, trustIn } from '../audit/trust.ts';
import { connect } from '../client.ts';
import type { Act, Invocation } from '../invocation.ts';

export const act: Act = (invocation) =>
  typeof invocation.options['log'] === 'string'
    ? verifyFile(invocation, invocation.options['log'])
    : verifyServer(invocation);

/** Without a server: a file, checkpoints that somebody kept, and a public key. */
async function verifyFile(invocation: Invocation, file: string): Promise<number> {
  const trust = await givenTrust(invocation);
  const kept = await keptCheckpoints(invocation, trust);
  if (kept.length === 0)
    throw new Failure('input/invalid', 'a file alone proves nothing: against which checkpoint is it to be checked?', {
      hint: '--checkpoint FILE, with what `liftlock audit checkpoint` printed',
    });
  const verifier = verifyLog(hashBytes, kept);
  for await (const entry of entriesIn(resolve(invocation.directory, file)))
    if (entry === undefined) verifier.addUnreadable();
    else verifier.add(entry);
  return reportLog(invocation.output, verifier.finish(), []);
}

/** `undefined` for a line that is no entry. */
async function* entriesIn(file: string): AsyncIterable<LogEntry | undefined> {
  const input = createReadStream(file, 'utf8');
  const failed = new Promise<never>((_, reject) =>
    input.once('error', (error) =>
      reject(new Failure('input/invalid', `${file} cannot be read: ${error.message}`, { cause: error })),
    ),
  );
  await Promise.race([failed, new Promise((opened) => input.once('open', opened))]);
  failed.catch(() => undefined);
  for await (const line of createInterface({ input, crlfDelay: Infinity })) if (line !== '') yield entryIn(line);
}

function entryIn(line: string): LogEntry | undefined {
  try {
    return toLogEntry(readExported(parseObject(line, 'a line'), 'a line'));
  } catch {
    return undefined;
  }
}

/** What the control plane answers, checked here: it is not asked whether it is right. */
async function verifyServer(invocation: Invocation): Promise<number> {
  const client = await connect(invocation);
  const { keys, ...state } = await lookAtAudit(client);
  const isPinned = typeof invocation.options['key'] === 'string';
  const trust = isPinned ? await givenTrust(invocation) : trustIn(keys);
  const sizeOf = (note: string) => trustedCheckpoint(trust, note).checkpoint.size;
  const served = await servedCheckpoints(client, sizeOf);
  const checkpoints = [
    ...served.map((note) => trustedCheckpoint(trust, note).checkpoint),
    ...(await keptCheckpoints(invocation, trust)),
  ];
  const verifier = verifyLog(hashBytes, checkpoints);
  let next = 0;
  const read = async () => {
    for await (const entry of servedEntries(client, next)) {
      verifier.add({ ...toLogEntry(exported(entry)), ...(entry.event === null ? {} : { shown: entry.event.shown }) });
      next = Math.max(next, entry.index + 1);
    }
  };
  await read();
  // What happened meanwhile may explain what was seen: an erasure is recorded behind what it erases.
  await lookAtAudit(client);
  await read();
  return reportLog(invocation.output, withServersWord(verifier.finish(), { ...state, size: next }), [
    ...(isPinned ? [] : ['checked by the keys that the server itself names; --key FILE checks by keys that you kept']),
    ...(state.waiting > 0 ? [`${state.waiting} events are not in the log yet`] : []),
  ]);
}

/** What only the server can see. Events that were put behind the log by hand have no entry, and never would have. */
function withServersWord(
  findings: LogFindings,
  { lost, refused, size }: { lost: number; refused: string | null; size: number },
): LogFindings {
  const behind = `${lost} events stand in the database behind the log without an entry: they were not recorded by Liftlock`;
  const said: readonly Problem[] = [
    ...(lost > 0 ? [{ code: 'EVENT_CHANGED', entry: size, message: behind } as const] : []),
    ...(refused === null ? [] : [{ code: 'LOG_REWRITTEN', entry: size, message: refused } as const]),
  ];
  return { ...findings, problems: [...findings.problems, ...said] };
}

async function keptCheckpoints(invocation: Invocation, trust: Trust): Promise<readonly Checkpoint[]> {
  const { checkpoint: file } = invocation.options;
  if (typeof file !== 'string') return [];
  return checkpointsIn(trust, await readText(invocation, file)).map(({ checkpoint }) => checkpoint);
}
