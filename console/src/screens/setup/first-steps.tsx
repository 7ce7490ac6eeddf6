import type { ProjectView } from '../../../../src/api/contract/projects.ts';
import { useChannels } from '../../api/notifications.ts';
import { usePeople, useSigners } from '../../api/records.ts';
import { useReleases, useStatus } from '../../api/queries.ts';
import { useMay } from '../../api/rights.ts';
import { Command } from '../../parts/command.tsx';
import { State } from '../../parts/state.tsx';

interface Step {
  readonly what: string;
  /** `undefined` while it is not known, or not for this person to know. */
  readonly done: boolean | undefined;
  readonly command: string;
}

/** What one does first, in order, and how far that is; told of the first project there is. */
export function FirstSteps({ projects }: { readonly projects: readonly ProjectView[] }) {
  const [first] = projects;
  const may = useMay();
  const status = useStatus(first?.name);
  const releases = useReleases(first?.name);
  const steps: readonly Step[] = [
    {
      what: 'In your repository, write a pipeline file that fits what is there',
      done: projects.length > 0,
      command: 'liftlock init',
    },
    { what: 'Make the project known', done: projects.length > 0, command: 'liftlock apply' },
    {
      what: 'Have a commit built into a release',
      done: first === undefined ? false : releases.data && releases.data.releases.length > 0,
      command: 'liftlock notify',
    },
    {
      what: 'Let it reach the first environment',
      done: first === undefined ? false : status.data?.environments.some(({ running }) => running !== null),
      command: 'liftlock why latest development',
    },
  ];
  return (
    <section className="sheet stack" aria-labelledby="steps">
      <h2 id="steps">First steps</h2>
      <ol className="steps stack">
        {steps.map((step) => (
          <OneStep key={step.what} step={step} />
        ))}
        {may('person:read') ? <LetIn /> : null}
        {may('signer:read') ? <Vouch /> : null}
        {may('channel:read') ? <Tell /> : null}
      </ol>
    </section>
  );
}

function OneStep({ step: { what, done, command } }: { readonly step: Step }) {
  return (
    <li>
      <div className="stack tight">
        <p className="row">
          {done === undefined ? (
            <State tone="idle" word="looking" />
          ) : done ? (
            <State tone="good" word="done" />
          ) : (
            <State tone="wait" word="to do" />
          )}
          {what}
        </p>
        {done === true ? null : <Command text={command} />}
      </div>
    </li>
  );
}

function LetIn() {
  const people = usePeople();
  return (
    <OneStep
      step={{
        what: 'Let others in',
        done: people.data && people.data.people.length > 1,
        command: "liftlock person add HANDLE --name 'NAME'",
      }}
    />
  );
}

function Vouch() {
  const signers = useSigners();
  return (
    <OneStep
      step={{
        what: 'Say whose signatures on commits and tags count',
        done: signers.data && signers.data.signers.some(({ revoked }) => revoked === null),
        command: 'liftlock signer add HANDLE FILE',
      }}
    />
  );
}

function Tell() {
  const channels = useChannels('');
  return (
    <OneStep
      step={{
        what: 'Have somebody told when something fails',
        done: channels.data && channels.data.channels.length > 0,
        command: 'liftlock channel add NAME --webhook URL --secret NAME',
      }}
    />
  );
}
