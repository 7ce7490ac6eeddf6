/** The pipeline file in force, and the one that asks for less and waits for a second person. */
import type { ProposalView } from '../../../../src/api/contract/changes.ts';
import { usePipelineFile, useProposal } from '../../api/pipeline.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { applyFile, decideAbout } from './actions.ts';
import './file.css';

export default function File({ project }: { readonly project: string }) {
  const proposal = useProposal(project);
  const file = usePipelineFile(project);
  return (
    <div className="stack">
      <h1>Pipeline file</h1>
      <Shown query={proposal} what="what waits for a second person">
        {(data) => (data.proposal === null ? null : <Proposal proposal={data.proposal} />)}
      </Shown>
      <section className="sheet stack" aria-labelledby="in-force">
        <h2 id="in-force">In force</h2>
        <Shown query={file} what="the file in force">
          {({ text, digest, appliedBy, appliedAt }) => (
            <>
              <p>
                Put in force by {appliedBy}, <Ago at={appliedAt} />. <code className="anywhere">{digest}</code>
              </p>
              <pre className="note file" tabIndex={0} role="region" aria-label="The file in force">
                {text}
              </pre>
              <div className="row">
                <Act action={applyFile()} />
                <Command text="liftlock pipeline show" />
              </div>
            </>
          )}
        </Shown>
      </section>
    </div>
  );
}

function Proposal({ proposal }: { readonly proposal: ProposalView }) {
  return (
    <section className="sheet stack" aria-labelledby="proposal">
      <div className="row">
        <h2 id="proposal">Waits for a second person</h2>
        <State tone="wait" word="proposed" />
      </div>
      <p>
        {proposal.proposedBy} proposed it <Ago at={proposal.proposedAt} />. It asks for less than what is in force, so
        somebody else has to agree. What gets weaker:
      </p>
      <ul className="stack tight weaker">
        {proposal.weakenings.map(({ what, environment, sentence }) => (
          <li key={`${what} ${environment} ${sentence}`}>
            {environment === null ? null : <strong>{environment}: </strong>}
            {sentence}
          </li>
        ))}
      </ul>
      <pre className="note file" tabIndex={0} role="region" aria-label="Lines that differ">
        {proposal.differs.map(({ sign, line }, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- lines have nothing else to be told apart by, and never move
          <span key={index} className={sign === '+' ? 'added' : 'removed'}>
            {`${sign} ${line}\n`}
          </span>
        ))}
      </pre>
      <div className="row">
        <Act action={decideAbout(proposal, 'approve')} />
        <Act action={decideAbout(proposal, 'reject')} />
        <Command text="liftlock pipeline diff" />
      </div>
    </section>
  );
}
