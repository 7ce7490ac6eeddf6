import { Redirect, Route, Switch } from 'wouter';
import { Refused } from './api/call.ts';
import { useProjects, useSelf } from './api/queries.ts';
import { Frame } from './frame.tsx';
import { Loading, Trouble } from './parts/trouble.tsx';
import { Environment } from './screens/environment/environment.tsx';
import { Pipeline } from './screens/pipeline/pipeline.tsx';
import { Plan } from './screens/plan/plan.tsx';
import { Release } from './screens/release/release.tsx';

export function App() {
  const self = useSelf();
  if (self.error instanceof Refused && self.error.problem.status === 401) {
    location.replace('/sign-in');
    return null;
  }
  return (
    <Switch>
      <Route path="/">
        <Home />
      </Route>
      <Route path="/p/:project">
        {({ project }) => (
          <Frame project={project}>
            <h1 className="visually-hidden">{project}: pipeline</h1>
            <Pipeline project={project} />
          </Frame>
        )}
      </Route>
      <Route path="/p/:project/environments/:name">
        {({ project, name }) => (
          <Frame project={project}>
            <Environment project={project} name={name} />
          </Frame>
        )}
      </Route>
      <Route path="/p/:project/releases/:name">
        {({ project, name }) => (
          <Frame project={project}>
            <Release project={project} name={name} />
          </Frame>
        )}
      </Route>
      <Route path="/p/:project/plan/:release/:environment">
        {({ project, release, environment }) => (
          <Frame project={project}>
            <Plan project={project} pair={{ release, environment }} />
          </Frame>
        )}
      </Route>
      <Route>
        <Frame project={undefined}>
          <p className="sheet">There is nothing at this address.</p>
        </Frame>
      </Route>
    </Switch>
  );
}

/** The only project there is, or a choice. */
function Home() {
  const { data, error, isPending, refetch } = useProjects();
  const [first, ...others] = data?.projects ?? [];
  if (first !== undefined && others.length === 0) return <Redirect to={`/p/${first.name}`} replace />;
  return (
    <Frame project={undefined}>
      <h1 className="visually-hidden">Projects</h1>
      {isPending ? (
        <Loading what="projects" />
      ) : data === undefined ? (
        <Trouble error={error} onRetry={() => void refetch()} />
      ) : first === undefined ? (
        <p className="sheet">
          No project yet. In a repository, <code>liftlock up</code> makes one from its <code>liftlock.yaml</code>.
        </p>
      ) : (
        <ul className="stack">
          {data.projects.map(({ name }) => (
            <li key={name} className="sheet">
              <a href={`/p/${name}`}>{name}</a>
            </li>
          ))}
        </ul>
      )}
    </Frame>
  );
}
