import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Checkpoint } from '../../domain/audit/checkpoint.ts';
import { exported, parseObject, readExported, toLogEntry } from '../../domain/audit/exported.ts';
import { trustedCheckpoint, type Trust } from '../../domain/audit/proved.ts';
import { verifyLog, type LogEntry, type LogFindings } from '../../domain/audit/verify-log.ts';
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
  const { keys, waiting, lost } = await lookAtAudit(client);
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
  return reportLog(invocation.output, withLost(verifier.finish(), { lost, size: next }), [
    ...(isPinned ? [] : ['checked by the keys that the server itself names; --key FILE checks by keys that you kept']),
    ...(waiting > 0 ? [`${waiting} events are not in the log yet`] : []),
  ]);
}

/** Events that were put behind the log by hand have no entry, and never would have. */
function withLost(findings: LogFindings, { lost, size }: { lost: number; size: number }): LogFindings {
  if (lost === 0) return findings;
  const message = `${lost} events stand in the database behind the log without an entry: they were not recorded by Liftlock`;
  return { ...findings, problems: [...findings.problems, { code: 'EVENT_CHANGED', entry: size, message }] };
}

async function keptCheckpoints(invocation: Invocation, trust: Trust): Promise<readonly Checkpoint[]> {
  const { checkpoint: file } = invocation.options;
  if (typeof file !== 'string') return [];
  return checkpointsIn(trust, await readText(invocation, file)).map(({ checkpoint }) => checkpoint);
}
