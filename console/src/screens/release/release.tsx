/** One release: what it is, how far it came and why, and what was found out about it. */
import type { ReleaseDetailView } from '../../../../src/api/contract/releases.ts';
import { useRelease } from '../../api/queries.ts';
import { Ago } from '../../parts/ago.tsx';
import { EvidenceTable } from '../../parts/evidence-table.tsx';
import { Shown } from '../../parts/shown.tsx';
import { Journey } from './journey.tsx';
import './release.css';

export default function Release({ project, name }: { readonly project: string; readonly name: string }) {
  const release = useRelease(project, name);
  return (
    <Shown query={release} what={`release ${name}`} heading={`#${name}`}>
      {(data) => (
        <div className="stack">
          <Content detail={data} />
          <Journey project={project} detail={data} />
          <Evidence project={project} detail={data} />
        </div>
      )}
    </Shown>
  );
}

function Content({ detail: { release, migrations } }: { readonly detail: ReleaseDetailView }) {
  return (
    <section className="sheet stack" aria-labelledby="release">
      <h1 id="release">
        #{release.number} {release.title}
      </h1>
      <dl className="facts">
        <dt>Author</dt>
        <dd>{release.author}</dd>
        <dt>Commit</dt>
        <dd>
          <code className="anywhere">{release.commit}</code>
        </dd>
        <dt>Artifact</dt>
        <dd>
          <code className="anywhere">{release.artifact}</code>{' '}
          <span className="quiet">({Math.ceil(release.artifactBytes / 1024)} KiB)</span>
        </dd>
        <dt>Seen at</dt>
        <dd>
          {release.refs.map((ref) => ref.replace(/^refs\/(heads|tags)\//, '')).join(', ') ||
            'no branch or tag any more'}
        </dd>
        <dt>Migrations</dt>
        <dd>{migrations.length === 0 ? 'none' : `${migrations.length}, the last is ${migrations.at(-1)}`}</dd>
        <dt>Built</dt>
        <dd>
          <Ago at={release.createdAt} />
        </dd>
      </dl>
    </section>
  );
}

function Evidence({ project, detail }: { readonly project: string; readonly detail: ReleaseDetailView }) {
  return (
    <section className="sheet stack" aria-labelledby="evidence">
      <h2 id="evidence">Evidence</h2>
      {detail.evidence.length === 0 ? (
        <p className="quiet">
          None yet. Verification adds it, and so does <code>liftlock evidence add {detail.release.number} FILE</code>.
        </p>
      ) : (
        <EvidenceTable
          project={project}
          evidence={detail.evidence}
          last={{
            column: 'When',
            of: ({ at, expiresAt }) => (
              <>
                <Ago at={at} />
                {expiresAt === null ? null : (
                  <span className="quiet small">
                    , good until <Ago at={expiresAt} />
                  </span>
                )}
              </>
            ),
          }}
        />
      )}
    </section>
  );
}
