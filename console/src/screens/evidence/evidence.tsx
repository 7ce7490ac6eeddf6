/** One piece of evidence: what it found, who says so, until when it counts, and exactly which bytes it is. */
import { Link } from 'wouter';
import type { DetailsView, EvidenceDetailView } from '../../../../src/api/contract/evidence.ts';
import { pathOf } from '../../api/call.ts';
import { useEvidence } from '../../api/records.ts';
import { called } from '../../parts/called.ts';
import { Command } from '../../parts/command.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { Verdict } from '../../parts/verdict.tsx';

export default function Evidence({ project, id }: { readonly project: string; readonly id: string }) {
  const evidence = useEvidence(project, id);
  return (
    <Shown query={evidence} what="the evidence" heading="Evidence">
      {(data) => (
        <div className="stack">
          <Piece piece={data} />
          {data.details === null ? null : <Details details={data.details} />}
        </div>
      )}
    </Shown>
  );
}

function Piece({ piece }: { readonly piece: EvidenceDetailView }) {
  const { project, release, content } = piece;
  const path = pathOf('/api/v1/projects/{project}/evidence/{evidence}/content', { project, evidence: piece.id });
  return (
    <section className="sheet stack" aria-labelledby="evidence">
      <div className="row">
        <h1 id="evidence">
          {piece.name} <span className="quiet">({piece.kind})</span>
        </h1>
        <Verdict verdict={piece.verdict} />
      </div>
      <p>{piece.summary}</p>
      <dl className="facts">
        <dt>About</dt>
        <dd>
          <Link href={`/p/${encodeURIComponent(project)}/releases/${release.number}`}>release #{release.number}</Link>
          {piece.environment === null ? ', wherever it runs' : ` in ${piece.environment}`}
        </dd>
        <dt>Said by</dt>
        <dd>
          {called(piece.by)}, {piece.standing}
        </dd>
        <dt>Signature</dt>
        <dd>{piece.signature === null ? 'nobody signed it' : piece.signature.sentence}</dd>
        <dt>Recorded</dt>
        <dd>
          <Ago at={piece.at} />, after{' '}
          {piece.milliseconds < 1_000
            ? `${Math.round(piece.milliseconds)} ms`
            : `${(piece.milliseconds / 1_000).toFixed(1)} s`}
        </dd>
        <dt>Counts until</dt>
        <dd>{piece.expiresAt === null ? 'a later one says otherwise' : <Ago at={piece.expiresAt} />}</dd>
        <dt>Artifact</dt>
        <dd>
          <code className="anywhere">{piece.artifact}</code>
        </dd>
        <dt>File</dt>
        <dd>
          {content === null ? (
            'none was kept'
          ) : (
            <>
              <code className="anywhere">{content}</code> ({piece.format}){' '}
              <a href={path} download>
                Save it
              </a>
            </>
          )}
        </dd>
      </dl>
      <Command text={`liftlock evidence show ${piece.id}`} />
    </section>
  );
}

function Details({ details }: { readonly details: DetailsView }) {
  return (
    <section className="sheet stack" aria-labelledby="details">
      <h2 id="details">What it found</h2>
      <Found details={details} />
    </section>
  );
}

function Found({ details }: { readonly details: DetailsView }) {
  switch (details.of) {
    case 'tests':
      return (
        <>
          <p>
            {details.counts.tests} tests: {details.counts.failures} failed, {details.counts.errors} broke,{' '}
            {details.counts.skipped} were skipped.
          </p>
          <Names what="Failed" names={details.failed} />
          <Names what="Passed only when tried again" names={details.flaky} />
        </>
      );
    case 'findings':
      return <Findings details={details} />;
    case 'load':
      return (
        <>
          <p>
            {details.metrics.requests} requests, {(details.metrics.errorRate * 100).toFixed(2)} % errors; 95 % within{' '}
            {inMs(details.metrics.p95)}, 99 % within {inMs(details.metrics.p99)}.
          </p>
          <ul className="stack tight">
            {details.thresholds.map(({ name, ok }) => (
              <li key={name}>
                <State tone={ok ? 'good' : 'bad'} word={ok ? 'kept' : 'broken'} /> <code>{name}</code>
              </li>
            ))}
          </ul>
        </>
      );
    case 'components':
      return <p>{details.components} components.</p>;
    case 'exit':
      return <p>The tool ended with {details.code === null ? 'no exit code' : `exit code ${details.code}`}.</p>;
  }
}

const severityTones: Readonly<Record<string, Tone>> = { critical: 'bad', high: 'bad', medium: 'wait' };

function Findings({ details }: { readonly details: Extract<DetailsView, { of: 'findings' }> }) {
  const counts = Object.entries(details.bySeverity).filter(([, count]) => count > 0);
  return (
    <>
      <p>
        {counts.length === 0 ? 'No findings' : counts.map(([severity, count]) => `${count} ${severity}`).join(', ')}
        {details.tool === null ? '' : ` by ${details.tool}`}
        {details.suppressed === 0 ? '' : `; somebody answers for ${details.suppressed} of them`}
        {details.complete ? '.' : '; not all are listed.'}
      </p>
      {details.findings.length === 0 ? null : (
        <Table label="Findings" columns={['Severity', 'Finding', 'Where', 'Answered for']}>
          {details.findings.map((finding) => (
            <tr key={`${finding.id} ${finding.where}`}>
              <td>
                <State tone={severityTones[finding.severity] ?? 'idle'} word={finding.severity} />
              </td>
              <td>
                <code>{finding.id}</code> {finding.title}
              </td>
              <td>{finding.where ?? '—'}</td>
              <td>{finding.suppressed?.because ?? '—'}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function Names({ what, names }: { readonly what: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <>
      <h3>{what}</h3>
      <ul className="stack tight">
        {names.map((name) => (
          <li key={name}>
            <code>{name}</code>
          </li>
        ))}
      </ul>
    </>
  );
}

function inMs(value: number | null): string {
  return value === null ? 'an unknown time' : `${Math.round(value)} ms`;
}
