/** What a request is about, so that it can be judged: which project, and which kinds of environment. */
import { Failure } from '../domain/base/failure.ts';
import { isId, type EnvironmentId, type ProjectId } from '../domain/base/id.ts';
import { sees } from '../domain/access/judge.ts';
import { environmentKinds, type EnvironmentKind } from '../domain/pipeline/environment.ts';
import { findEnvironment, findPromotion } from '../engine/find.ts';
import { findChannel } from '../engine/notification/channels.ts';
import { findGrant } from '../engine/access/grants.ts';
import { findMachine } from '../engine/access/machines.ts';
import { findNotification } from '../engine/notification/notifications.ts';
import type { Principal } from '../engine/access/identify.ts';
import type { Project } from '../ports/records.ts';
import type { Transaction } from '../ports/store.ts';

/** `across`: a list or stream that holds what of each project the caller may see. */
export type Subject =
  | { readonly across: true }
  | { readonly across: false; readonly project: Project | undefined; readonly kinds: readonly EnvironmentKind[] };

export interface Asking {
  readonly tx: Transaction;
  readonly principal: Principal;
}

/** The values of the request, of the types that its endpoint says. */
export interface Given {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export type FindSubject = (asking: Asking, given: Given) => Promise<Subject>;

const nothing = { across: false, project: undefined, kinds: [] } as const;
const everything = { across: false, project: undefined, kinds: environmentKinds } as const;

/** What most routes are about: the project and the environment of their address. */
export const inAddress: FindSubject = async (asking, { params }) => {
  if (!('project' in params)) return nothing;
  return place(asking, { project: params['project'], environment: params['environment'] });
};

export const across: FindSubject = () => Promise.resolve({ across: true });

/** A list across projects, or of the one project that the query names. */
export const acrossOrNamed: FindSubject = async (asking, { query }) =>
  query['project'] === undefined ? { across: true } : place(asking, { project: query['project'] });

/** The project of the address, and the environment that the body names. */
export const environmentInBody: FindSubject = (asking, { params, body }) =>
  place(asking, { project: params['project'], environment: body['environment'] });

/** As `environmentInBody`; all environments of the project when none is named. */
export const environmentOrAllInBody: FindSubject = (asking, { params, body }) =>
  allOr(asking, { project: params['project'], environment: body['environment'] });

/** Project and environment of the body; every environment there is when it says `everything`. */
export const freezeInBody: FindSubject = async (asking, { body }) =>
  body['everything'] === true
    ? everything
    : allOr(asking, { project: body['project'], environment: body['environment'] });

/** The project that the body names; every project when it names none. */
export const projectInBody: FindSubject = async (asking, { body }) =>
  body['project'] === undefined ? nothing : place(asking, { project: body['project'] });

export const ofPromotion: FindSubject = async (asking, { params }) => {
  const id = String(params['promotion']);
  const { promotion } = await findPromotion(asking.tx, id);
  const unknown = () => new Failure('promotion/unknown', `there is no promotion ${id}`, { hint: 'liftlock status' });
  return ofEnvironment(asking, promotion.environment, unknown);
};

export const ofVerification: FindSubject = async (asking, { params }) => {
  const id = String(params['verification']);
  const request = await asking.tx.verificationRequests.get(id);
  const unknown = () => new Failure('request/not-found', `there is no verification ${id}`);
  if (request === undefined) throw unknown();
  return ofEnvironment(asking, request.environment, unknown);
};

export const ofFreeze: FindSubject = async (asking, { params }) => {
  const id = String(params['freeze']);
  const unknown = () =>
    new Failure('freeze/unknown', `there is no freeze ${id} in force`, { hint: 'liftlock freeze --list' });
  const freeze = isId('frz', id) ? await asking.tx.freezes.find(id) : undefined;
  if (freeze === undefined) throw unknown();
  if (freeze.environment !== undefined) return ofEnvironment(asking, freeze.environment, unknown);
  if (freeze.project === undefined) return everything;
  const project = await visible(asking, freeze.project, unknown);
  return { across: false, project, kinds: await kindsOf(asking, project) };
};

export const ofMachine: FindSubject = async (asking, { params }) => {
  const name = String(params['machine']);
  const machine = await findMachine(asking.tx, name);
  const unknown = () => new Failure('person/unknown', `there is no machine ${name}`, { hint: 'liftlock machine list' });
  return { across: false, project: await visible(asking, machine.project, unknown), kinds: [] };
};

export const ofGrant: FindSubject = async (asking, { params }) => {
  const grant = await findGrant(asking.tx, String(params['grant']));
  if (grant.project === undefined) return nothing;
  const unknown = () => new Failure('grant/unknown', `there is no grant ${grant.id}`, { hint: 'liftlock grant list' });
  return { across: false, project: await visible(asking, grant.project, unknown), kinds: [] };
};

/** The project that it is of; every project for one of the installation. */
export const ofChannel: FindSubject = async (asking, { params }) => {
  const { name, project } = await findChannel(asking.tx, String(params['channel']));
  if (project === undefined) return nothing;
  const unknown = () =>
    new Failure('channel/unknown', `there is no channel ${name}`, { hint: 'liftlock channel list' });
  return { across: false, project: await visible(asking, project, unknown), kinds: [] };
};

export const ofNotification: FindSubject = async (asking, { params }) => {
  const { id, project } = await findNotification(asking.tx, String(params['notification']));
  if (project === undefined) return nothing;
  const unknown = () =>
    new Failure('notification/unknown', `there is no notification ${id}`, { hint: 'liftlock notification list' });
  return { across: false, project: await visible(asking, project, unknown), kinds: [] };
};

async function place(
  asking: Asking,
  { project: name, environment }: { project: unknown; environment?: unknown },
): Promise<Subject> {
  const project = await findVisible(asking, name as string | undefined);
  if (typeof environment !== 'string') return { across: false, project, kinds: [] };
  const all = await asking.tx.environments.ofProject(project.id);
  // One that is retired has its kind still; whether anything can be done with it is not for here.
  const { spec } =
    all.find((one) => one.spec.name === environment) ?? (await findEnvironment(asking.tx, project.id, environment));
  return { across: false, project, kinds: [spec.kind] };
}

async function allOr(asking: Asking, named: { project: unknown; environment: unknown }): Promise<Subject> {
  const subject = await place(asking, named);
  if (named.environment !== undefined || subject.across || subject.project === undefined) return subject;
  return { ...subject, kinds: await kindsOf(asking, subject.project) };
}

async function kindsOf({ tx }: Asking, project: Project): Promise<readonly EnvironmentKind[]> {
  return [...new Set((await tx.environments.ofProject(project.id)).map(({ spec }) => spec.kind))];
}

async function ofEnvironment(asking: Asking, id: EnvironmentId, unknown: () => Failure): Promise<Subject> {
  const environment = (await asking.tx.environments.get(id))!;
  const project = await visible(asking, environment.project, unknown);
  return { across: false, project, kinds: [environment.spec.kind] };
}

async function visible({ tx, principal }: Asking, id: ProjectId, unknown: () => Failure): Promise<Project> {
  if (!sees(principal, id)) throw unknown();
  return (await tx.projects.get(id))!;
}

/**
 * The project of this name, or the only one that the caller sees. What he does not see does not exist for him: the same
 * answer as for a name that nobody ever used.
 * @throws Failure `project/unknown`.
 */
async function findVisible({ tx, principal }: Asking, name: string | undefined): Promise<Project> {
  const named = name === undefined ? undefined : await tx.projects.byName(name);
  if (named !== undefined && sees(principal, named.id)) return named;
  const seen = (await tx.projects.list()).filter(({ id }) => sees(principal, id));
  const names = seen.map((project) => project.name).join(', ');
  if (name !== undefined)
    throw new Failure('project/unknown', `there is no project ${name}`, {
      hint: names === '' ? 'liftlock up in a repository with a liftlock.yaml' : `projects: ${names}`,
    });
  const [only] = seen;
  if (only !== undefined && seen.length === 1) return only;
  if (only !== undefined)
    throw new Failure('project/unknown', `there are several projects: ${names}`, { hint: 'name one with --project' });
  throw new Failure('project/unknown', 'there is no project yet', {
    hint: 'liftlock up in a repository with a liftlock.yaml',
  });
}
