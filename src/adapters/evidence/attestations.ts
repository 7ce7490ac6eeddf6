/** Signed statements about artifacts, on `node:crypto`. */
import { createHash } from 'node:crypto';
import type { Digest } from '../../domain/base/digest.ts';
import { instant, type Instant } from '../../domain/base/time.ts';
import type { Attestations, Envelope, Statement } from '../../ports/attestations.ts';
import type { Reports } from '../../ports/reports.ts';
import { isSignedBy, looksSealed, readSealed, seal } from './dsse.ts';
import { parseJson } from './json.ts';
import { at, listOf, textOf } from './json-value.ts';
import { privateKeyOf, publicHalfOf, readPublicKey } from './keys.ts';
import { readPredicate } from './predicates.ts';
import { predicates, statementType, writeStatement } from './statement.ts';

const mostEnvelopeBytes = 32 * 2 ** 20;
const mostSubjects = 1_000;

/** `seed`: the 32 secret bytes that are this installation's Ed25519 key. */
export function createAttestations(seed: Uint8Array, reports: Pick<Reports, 'read'>): Attestations {
  const privateKey = privateKeyOf(seed);
  const key = publicHalfOf(privateKey);
  return {
    key,
    attest: (result) => seal(writeStatement(result, key), privateKey, key.id),
    open: (content) => open(content, reports),
    readKey: readPublicKey,
  };
}

async function open(content: Uint8Array, reports: Pick<Reports, 'read'>): Promise<Envelope | undefined> {
  if (content.length > mostEnvelopeBytes || firstCharacter(content) !== '{') return undefined;
  const parsed = parseJson(content);
  if (parsed.problem !== undefined || !looksSealed(parsed.value)) return undefined;
  const sealed = readSealed(parsed.value);
  if (typeof sealed === 'string')
    return { payload: digestOf(content), isSignedBy: () => false, statement: { problem: sealed } };
  return {
    payload: digestOf(sealed.payload),
    isSignedBy: (key) => isSignedBy(sealed, key),
    statement: await readStatement(sealed.payload, reports),
  };
}

function firstCharacter(content: Uint8Array): string {
  return Buffer.from(content.subarray(0, 64))
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
    .slice(0, 1);
}

async function readStatement(
  payload: Uint8Array,
  reports: Pick<Reports, 'read'>,
): Promise<Statement | { readonly problem: string }> {
  const parsed = parseJson(payload);
  if (parsed.problem !== undefined) return { problem: `its payload ${parsed.problem}` };
  const statement = parsed.value;
  if (at(statement, '_type') !== statementType)
    return { problem: `its payload is no statement of type ${statementType}` };
  const subjects = listOf(at(statement, 'subject'));
  if (subjects.length === 0 || subjects.length > mostSubjects)
    return { problem: `it is about ${subjects.length} subjects; 1 to ${mostSubjects} are read` };
  const predicateType = at(statement, 'predicateType');
  const predicate = at(statement, 'predicate');
  if (typeof predicateType !== 'string') return { problem: 'it names no type of predicate' };
  const read = await readPredicate(predicateType, predicate, reports.read);
  if (read === undefined)
    return { problem: `Liftlock does not read predicates of type ${textOf(predicateType) ?? ''}` };
  return {
    predicateType,
    subjects: subjects.flatMap((subject) => sha256Of(at(subject, 'digest', 'sha256'))),
    commits: subjects.flatMap((subject) => commitOf(at(subject, 'digest', 'gitCommit'))),
    ...read,
    name: textOf(at(predicate, 'liftlock', 'name')) ?? textOf(at(predicate, 'name')),
    environment: textOf(at(predicate, 'liftlock', 'environment')) ?? textOf(at(predicate, 'environment')),
    madeAt: timeIn(predicateType, predicate),
    recorded: textOf(at(predicate, 'liftlock', 'verdict')),
  };
}

function sha256Of(hex: unknown): readonly Digest[] {
  return typeof hex === 'string' && /^[0-9a-f]{64}$/i.test(hex) ? [`sha256:${hex.toLowerCase()}` as Digest] : [];
}

function commitOf(hex: unknown): readonly string[] {
  return typeof hex === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(hex) ? [hex.toLowerCase()] : [];
}

/** Each type has its own place for it; `timeCreated` is understood in all, as an extension where it has none. */
function timeIn(type: string, predicate: unknown): Instant | undefined {
  const places: readonly (readonly string[])[] = [
    ['timeCreated'],
    ...((predicates.vulnerabilities as readonly string[]).includes(type) ? [['metadata', 'scanFinishedOn']] : []),
    ...(type === predicates.provenance ? [['runDetails', 'metadata', 'finishedOn']] : []),
    ...(predicates.spdx.test(type) ? [['creationInfo', 'created']] : []),
    ...(predicates.cyclonedx.test(type) ? [['metadata', 'timestamp']] : []),
  ];
  return places.flatMap((place) => timeOf(at(predicate, ...place)) ?? [])[0];
}

/** RFC 3339 with its offset; a time without one could be anywhere. */
function timeOf(text: unknown): Instant | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i.test(text))
    return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : instant(milliseconds);
}

function digestOf(content: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;
}
