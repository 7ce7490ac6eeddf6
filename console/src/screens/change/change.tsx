/** What changed production once: who said yes to it, on which evidence, and what became of it. */
import { Link } from 'wouter';
import type { ChangeView } from '../../../../src/api/contract/changes.ts';
import { pathOf } from '../../api/call.ts';
import { useOfProject } from '../../api/queries.ts';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { EvidenceTable } from '../../parts/evidence-table.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import type { Recorded } from './record.ts';

/** `change`: its number, or the promotion that it is the record of. */
export default function Change({ project, change }: { readonly project: string; readonly change: string }) {
  const path = pathOf('/api/v1/projects/{project}/changes/{change}', { project, change });
  const record = useOfProject<ChangeView>(project, path);
  return (
    <Shown query={record} what="the record" heading="Change">
      {(view) => <Known project={project} view={view} document={view.document as unknown as Recorded} />}
    </Shown>
  );
}

interface Told {
  readonly project: string;
  readonly view: ChangeView;
  readonly document: Recorded;
}

function Known(told: Told) {
  return (
    <div className="stack">
      <Summary {...told} />
      <Approvals {...told} />
      <Evidence {...told} />
      <Answers {...told} />
    </div>
  );
}

const tones: Readonly<Record<string, Tone>> = {
  succeeded: 'good',
  failed: 'bad',
  errored: 'bad',
  'rolled-back': 'bad',
};
const risks: Readonly<Record<ChangeView['risk']['level'], Tone>> = { low: 'good', medium: 'wait', high: 'bad' };

function Summary({ project, view, document: { release, promotion, plan, outcome } }: Told) {
  const word = view.outcome ?? view.state;
  const base = `/p/${encodeURIComponent(project)}`;
  return (
    <section className="sheet stack" aria-labelledby="change">
      <div className="row">
        <h1 id="change">
          Change {view.number}: <Link href={`${base}/releases/${view.release.number}`}>#{view.release.number}</Link>{' '}
          into <Link href={`${base}/environments/${encodeURIComponent(view.environment)}`}>{view.environment}</Link>
        </h1>
        <State tone={tones[word] ?? 'idle'} word={word} />
        <State tone={risks[view.risk.level]} word={`${view.risk.level} risk`} />
      </div>
      <dl className="facts">
        <dt>Author</dt>
        <dd>{release.author}</dd>
        <dt>Asked for by</dt>
        <dd>{promotion.origin.actor ?? promotion.origin.trigger ?? promotion.origin.by}</dd>
        <dt>Begun</dt>
        <dd>
          <Ago at={view.openedAt} />
        </dd>
        <dt>Became</dt>
        <dd>{outcome.reason ?? word}</dd>
        <dt>Plan</dt>
        <dd>
          {plan.steps.join('; ')}
          {plan.acceptedBy === null ? '' : ` (accepted by ${plan.acceptedBy})`}
        </dd>
        <dt>Risk</dt>
        <dd>{view.risk.factors.map(({ sentence }) => sentence).join('; ') || 'nothing that adds to it'}</dd>
        <dt>Artifact</dt>
        <dd>
          <code className="anywhere">{release.artifact}</code>
        </dd>
        <dt>Digest of this record</dt>
        <dd>
          <code className="anywhere">{view.digest}</code>
        </dd>
      </dl>
      <Command text={`liftlock change export ${view.number}`} />
    </section>
  );
}

function Approvals({ document: { approvals, release, trust } }: Told) {
  return (
    <section className="sheet stack" aria-labelledby="approvals">
      <h2 id="approvals">Who said yes</h2>
      <p>
        {trust.separation === 'two-person'
          ? `Nobody who had a hand in it may decide about it; written by ${release.author}.`
          : `This project asked for no second person; written by ${release.author}.`}
      </p>
      {approvals.length === 0 ? (
        <p className="quiet">Nobody was asked.</p>
      ) : (
        <Table label="Who said yes" columns={['Who', 'Decision', 'Because', 'When']}>
          {approvals.map(({ actor, decision, reason, at }) => (
            <tr key={`${actor} ${at}`}>
              <th scope="row">{actor}</th>
              <td>
                <State tone={decision === 'approve' ? 'good' : 'bad'} word={decision} />
              </td>
              <td>{reason === '' ? <span className="quiet">no reason given</span> : reason}</td>
              <td>
                <Ago at={at} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function Evidence({ project, document: { evidence } }: Told) {
  return (
    <section className="sheet stack" aria-labelledby="evidence">
      <h2 id="evidence">On which evidence</h2>
      {evidence.length === 0 ? (
        <p className="quiet">None was there.</p>
      ) : (
        <EvidenceTable
          project={project}
          evidence={evidence}
          last={{ column: 'When', of: ({ at }) => <Ago at={at} /> }}
        />
      )}
    </section>
  );
}

function Answers({ document: { gates } }: Told) {
  return (
    <section className="sheet stack" aria-labelledby="answers">
      <h2 id="answers">What the gates said when it began</h2>
      <Table label="Gates" columns={['Gate', 'Because']}>
        {gates.map(({ gate, because }) => (
          <tr key={gate}>
            <th scope="row">{gate}</th>
            <td>{because}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
