import { Suspense, type ReactNode } from 'react';
import { Link, Redirect, Route, Switch } from 'wouter';
import { Refused } from './api/call.ts';
import { useProjects, useSelf } from './api/queries.ts';
import { Frame } from './frame.tsx';
import { later } from './parts/later.tsx';
import { Loading, Trouble } from './parts/trouble.tsx';
import { Pipeline } from './screens/pipeline/pipeline.tsx';

const Access = later(() => import('./screens/access/access.tsx'));
const Audit = later(() => import('./screens/audit/audit.tsx'));
const Change = later(() => import('./screens/change/change.tsx'));
const Controls = later(() => import('./screens/controls/controls.tsx'));
const Emergency = later(() => import('./screens/emergency/emergency.tsx'));
const Environment = later(() => import('./screens/environment/environment.tsx'));
const Evidence = later(() => import('./screens/evidence/evidence.tsx'));
const File = later(() => import('./screens/file/file.tsx'));
const Notifications = later(() => import('./screens/notifications/notifications.tsx'));
const People = later(() => import('./screens/people/people.tsx'));
const Plan = later(() => import('./screens/plan/plan.tsx'));
const Release = later(() => import('./screens/release/release.tsx'));
const Rollout = later(() => import('./screens/rollout/rollout.tsx'));
const Setup = later(() => import('./screens/setup/setup.tsx'));
const You = later(() => import('./screens/you/you.tsx'));

export function App() {
  const self = useSelf();
  if (self.error instanceof Refused && self.error.problem.status === 401) {
    location.replace('/sign-in');
    return null;
  }
  return (
    <Frame>
      <Suspense fallback={<Coming />}>
        <Switch>
          <Route path="/" component={Home} />
          <Route path="/p/:project">
            {({ project }) => (
              <Titled title={project}>
                <h1 className="visually-hidden">{project}: pipeline</h1>
                <Pipeline project={project} />
              </Titled>
            )}
          </Route>
          <Route path="/p/:project/environments/:name">
            {({ project, name }) => (
              <Titled title={`${name} · ${project}`}>
                <Environment project={project} name={name} />
              </Titled>
            )}
          </Route>
          <Route path="/p/:project/releases/:name">
            {({ project, name }) => (
              <Titled title={`#${name} · ${project}`}>
                <Release project={project} name={name} />
              </Titled>
            )}
          </Route>
          <Route path="/p/:project/plan/:release/:environment">
            {({ project, release, environment }) => (
              <Titled title={`#${release} → ${environment} · ${project}`}>
                <Plan project={project} pair={{ release, environment }} />
              </Titled>
            )}
          </Route>
          <Route path="/p/:project/evidence/:id">
            {({ project, id }) => (
              <Titled title={`Evidence · ${project}`}>
                <Evidence project={project} id={id} />
              </Titled>
            )}
          </Route>
          <Route path="/p/:project/changes/:change">
            {({ project, change }) => (
              <Titled title={`Change · ${project}`}>
                <Change project={project} change={change} />
              </Titled>
            )}
          </Route>
          <Route path="/p/:project/rollout/:environment">
            {({ project, environment }) => (
              <Titled title={`Rollout in ${environment} · ${project}`}>
                <Rollout project={project} environment={environment} />
              </Titled>
            )}
          </Route>
          <Route path="/p/:project/controls">
            {({ project }) => (
              <Titled title={`Controls · ${project}`}>
                <Controls project={project} />
              </Titled>
            )}
          </Route>
          <Route path="/p/:project/file">
            {({ project }) => (
              <Titled title={`Pipeline file · ${project}`}>
                <File project={project} />
              </Titled>
            )}
          </Route>
          <Route path="/p/:project/emergency">
            {({ project }) => (
              <Titled title={`Emergency · ${project}`}>
                <Emergency project={project} />
              </Titled>
            )}
          </Route>
          <Route path="/audit">
            <Titled title="Audit">
              <Audit />
            </Titled>
          </Route>
          <Route path="/notifications">
            <Titled title="Notifications">
              <Notifications />
            </Titled>
          </Route>
          <Route path="/people">
            <Titled title="People">
              <People />
            </Titled>
          </Route>
          <Route path="/you">
            <Titled title="You">
              <You />
            </Titled>
          </Route>
          <Route path="/access">
            <Titled title="Access">
              <Access />
            </Titled>
          </Route>
          <Route path="/setup">
            <Titled title="Setup">
              <Setup />
            </Titled>
          </Route>
          <Route>
            <Titled title="Nothing here">
              <h1>Nothing here</h1>
              <p>
                There is nothing at this address. <Link href="/">Back to the pipeline</Link>
              </p>
            </Titled>
          </Route>
        </Switch>
      </Suspense>
    </Frame>
  );
}

/** While the code of a screen is on its way. */
function Coming() {
  return (
    <>
      <h1 className="visually-hidden">Liftlock</h1>
      <Loading what="this screen" />
    </>
  );
}

/** Tabs are told apart by their titles. */
function Titled({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <>
      <title>{`${title} · Liftlock`}</title>
      {children}
    </>
  );
}

/** The only project there is, or a choice. */
function Home() {
  const { data, error, isPending, refetch } = useProjects();
  const [first, ...others] = data?.projects ?? [];
  if (first !== undefined && others.length === 0)
    return <Redirect to={`/p/${encodeURIComponent(first.name)}`} replace />;
  return (
    <>
      <h1 className="visually-hidden">Projects</h1>
      {isPending ? (
        <Loading what="projects" />
      ) : data === undefined ? (
        <Trouble error={error} onRetry={() => void refetch()} />
      ) : first === undefined ? (
        <p className="sheet">
          No project yet, or none that you may see. In a repository, <code>liftlock up</code> makes one from its{' '}
          <code>liftlock.yaml</code>.
        </p>
      ) : (
        <ul className="stack">
          {data.projects.map(({ name, sourceError }) => (
            <li key={name} className="sheet">
              <Link href={`/p/${encodeURIComponent(name)}`}>{name}</Link>
              {sourceError === null ? null : <span className="quiet"> — {sourceError}</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
