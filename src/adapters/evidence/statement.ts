/** in-toto Statement v1 as this installation writes it; predicate types that exist are used where they fit. */
import { canonicalJson, hexOf, type Json } from '../../domain/base/digest.ts';
import type { Attested, PublicKey } from '../../ports/attestations.ts';

export const statementType = 'https://in-toto.io/Statement/v1';
export const predicates = {
  testResult: 'https://in-toto.io/attestation/test-result/v0.1',
  vulnerabilities: ['https://in-toto.io/attestation/vulns/v0.1', 'https://in-toto.io/attestation/vulns/v0.2'],
  verification: 'https://in-toto.io/attestation/svr/v0.1',
  provenance: 'https://slsa.dev/provenance/v1',
  spdx: /^https:\/\/spdx\.dev\/Document(?:\/v2\.[23])?$/,
  cyclonedx: /^https:\/\/cyclonedx\.org\/bom(?:\/v1\.\d{1,2})?$/,
  /** Ours: a report of a tool as it is, with the exit code of the tool. */
  report: 'urn:liftlock:report:v1',
} as const;

/** The property of a simple verification result that says that evidence of this kind passed. */
export function passedProperty(kind: string): string {
  return `LIFTLOCK_${kind.toUpperCase().replaceAll('-', '_')}_PASSED`;
}

/** Canonical, so that the same result gives the same bytes. */
export function writeStatement(attested: Attested, key: PublicKey): Uint8Array {
  const { evidence } = attested;
  const { predicateType, predicate } = predicateOf(attested, key);
  const statement = {
    _type: statementType,
    subject: [
      { name: evidence.release, digest: { sha256: hexOf(evidence.artifact), ...commitOf(evidence.gitCommit) } },
    ],
    predicateType,
    predicate: { ...predicate, liftlock: recordOf(attested) },
  };
  return Buffer.from(canonicalJson(statement as Json));
}

function commitOf(gitCommit: string | undefined): Record<string, string> {
  return gitCommit === undefined ? {} : { gitCommit };
}

function predicateOf(
  { evidence, build }: Attested,
  key: PublicKey,
): { readonly predicateType: string; readonly predicate: Record<string, Json> } {
  const { details, kind, name, verdict, content } = evidence;
  const finishedOn = timeOf(evidence.at);
  if (kind === 'build' && build !== undefined) {
    const { startedAt, ...parameters } = build;
    const metadata = { invocationId: evidence.run ?? evidence.id, startedOn: timeOf(startedAt), finishedOn };
    return {
      predicateType: predicates.provenance,
      predicate: {
        buildDefinition: {
          buildType: 'urn:liftlock:build:v1',
          externalParameters: parameters,
          resolvedDependencies: [{ digest: commitOf(evidence.gitCommit) }],
        },
        runDetails: { builder: { id: builderOf(key) }, metadata },
      },
    };
  }
  if (details?.of === 'tests') {
    return {
      predicateType: predicates.testResult,
      predicate: {
        // A result that proves nothing is not a warning beside a pass.
        result: verdict === 'PASS' ? 'PASSED' : 'FAILED',
        configuration: [{ name, ...(content === undefined ? {} : { digest: { sha256: hexOf(content) } }) }],
        failedTests: details.failed,
        warnedTests: details.flaky,
        timeCreated: finishedOn,
      },
    };
  }
  return {
    predicateType: predicates.verification,
    predicate: {
      verifier: { id: builderOf(key) },
      timeCreated: finishedOn,
      properties: verdict === 'PASS' ? [passedProperty(kind)] : [],
    },
  };
}

function builderOf({ id }: PublicKey): string {
  return `urn:liftlock:installation:${hexOf(id)}`;
}

/** What no predicate type has a place for. */
function recordOf({ evidence, environment }: Attested): Json {
  const { id, kind, name, verdict, summary, details, format, content, expiresAt } = evidence;
  return {
    evidence: id,
    kind,
    name,
    environment,
    verdict,
    summary,
    details: details as unknown as Json | undefined,
    format,
    report: content,
    expiresAt: expiresAt === undefined ? undefined : timeOf(expiresAt),
  };
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
