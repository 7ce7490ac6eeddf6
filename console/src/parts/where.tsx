import { Link } from 'wouter';

/** What something is about: the installation, a project, or an environment of it. */
export function Where({
  about: { project, environment },
}: {
  readonly about: { readonly project: string | null; readonly environment: string | null };
}) {
  if (project === null) return <span className="quiet">installation</span>;
  const base = `/p/${encodeURIComponent(project)}`;
  return (
    <>
      <Link href={base}>{project}</Link>
      {environment === null ? null : (
        <>
          {' '}
          <Link href={`${base}/environments/${encodeURIComponent(environment)}`}>{environment}</Link>
        </>
      )}
    </>
  );
}
