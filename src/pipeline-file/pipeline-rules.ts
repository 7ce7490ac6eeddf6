/** Rules between environments, and between environments and the rest of the file. */
import { runsHere } from '../domain/pipeline/environment.ts';
import { findCycles, formatCycle } from '../domain/pipeline/graph.ts';
import type { Draft, EnvironmentDraft } from './draft.ts';
import { judgeEnvironment, looksSecret, namesBefore, reservedName } from './environment-rules.ts';
import type { Judgement } from './environment-rules.ts';
import type { Remark, Path } from './problem.ts';
import { mostEnvironments } from './schema.ts';
import { didYouMean } from './suggest.ts';

/** Judges nothing when there are more environments than the schema allows: some rules compare each with each. */
export function judge(draft: Draft): Judgement {
  if (draft.environments.length > mostEnvironments) return { problems: [], warnings: [] };
  const single = draft.environments.map((environment, index) =>
    within(['environments', index], judgeEnvironment(environment)),
  );
  return {
    problems: [
      ...sameName(draft),
      ...order(draft),
      ...cycles(draft),
      ...service(draft),
      ...images(draft),
      ...samePort(draft),
      ...forge(draft),
      ...build(draft),
      ...single.flatMap(({ problems }) => problems),
    ],
    warnings: [
      ...unusedMigration(draft),
      ...buildWarnings(draft),
      ...untagged(draft),
      ...single.flatMap(({ warnings }) => warnings),
    ],
  };
}

/** The trigger of production asks for a signed tag; a person who promotes by hand does not come by it, but by the gates. */
function untagged({ trust, environments }: Draft): readonly Remark[] {
  const signatures = trust?.signatures ?? 'none';
  if (signatures === 'none') return [];
  return environments.flatMap(({ kind, gates }, index): Remark[] => {
    if (kind !== 'production' || gates === undefined || gates.some(({ gate }) => gate === 'tagged')) return [];
    return [
      {
        path: ['environments', index, 'gates'],
        message: `without the gate tagged, production takes what somebody promotes by hand on ${signatures === 'strict' ? "a maintainer's signature" : 'an accepted merge'} alone: no version tag is asked for`,
        hint: 'add { gate: tagged }',
      },
    ];
  });
}

function within(base: Path, { problems, warnings }: Judgement): Judgement {
  const moved = (remark: Remark): Remark => ({ ...remark, path: [...base, ...remark.path] });
  return { problems: problems.map(moved), warnings: warnings.map(moved) };
}

function sameName({ environments }: Draft): readonly Remark[] {
  return environments.flatMap(({ name }, index): Remark[] => {
    if (name === undefined) return [];
    const first = environments.findIndex((other) => other.name === name);
    return first < index
      ? [{ path: ['environments', index, 'name'], message: `"${name}" is already the name of environments[${first}]` }]
      : [];
  });
}

/** R2: every name in `after` is the name of another environment, once. */
function order({ environments }: Draft): readonly Remark[] {
  const names = environments.flatMap(({ called }) => called ?? []);
  const unreadable = names.length < environments.length;
  return environments.flatMap((environment, index) => {
    const before = namesBefore(environment) ?? [];
    const base = ['environments', index, ...afterPath(environment)];
    return before.flatMap((name, position): Remark[] => {
      const path = [...base, position];
      if (name === environment.called) return [{ path, message: `${name} cannot come after itself` }];
      if (before.indexOf(name) < position) return [{ path, message: `${name} is named twice` }];
      if (names.includes(name) || unreadable) return [];
      return [
        {
          path,
          message: `there is no environment "${name}"`,
          hint: didYouMean(name, names) ?? `the environments are ${names.join(', ')}`,
        },
      ];
    });
  });
}

function afterPath({ after }: EnvironmentDraft): Path {
  if (after === undefined || Array.isArray(after)) return ['after'];
  return 'all' in after ? ['after', 'all'] : ['after', 'any'];
}

/** A cycle is told once, where its first environment says what comes before it. */
function cycles({ environments }: Draft): readonly Remark[] {
  const nodes = environments.flatMap((environment) => {
    const name = environment.name;
    return name === undefined
      ? []
      : [{ name, after: { environments: (namesBefore(environment) ?? []).filter((other) => other !== name) } }];
  });
  return findCycles(nodes).map((cycle) => {
    const index = environments.findIndex(({ name }) => name === cycle[0]);
    return {
      path: ['environments', index, 'after'],
      atKey: true,
      message: `these environments wait for each other: ${formatCycle(cycle)}`,
    };
  });
}

function service({ service: spec, environments }: Draft): readonly Remark[] {
  if (spec === undefined) return [];
  const processes = environments.flatMap((environment, index) => (usesProcess(environment) ? [index] : []));
  const answering = environments.some(({ target }) => target?.kind === 'command' && target.url !== undefined);
  const remarks: Remark[] = [];
  if (spec.start === undefined) {
    for (const index of processes) {
      remarks.push({
        path: ['environments', index, 'target'],
        message: 'a target of kind process starts the service, and service.start is missing',
        hint: 'write service: { start: ... }, or use a target of kind command',
      });
    }
    const everythingKnown = environments.every(({ target, written }) => target !== undefined || !written.has('target'));
    const containers = environments.some(({ target }) => target?.kind === 'docker');
    if ('path' in spec.health && !answering && !containers && processes.length === 0 && everythingKnown) {
      remarks.push({
        path: ['service', 'health'],
        message: 'there is nothing to ask: no service.start, and no target with a url',
      });
    }
  }
  return remarks;
}

/** Containers are made of an image, and only that of the release is the one that was tested. */
function images({ build: spec, environments }: Draft): readonly Remark[] {
  if (spec === undefined || spec.dockerfile !== undefined || spec.image !== undefined) return [];
  return environments.flatMap(({ target }, index): Remark[] =>
    target?.kind !== 'docker'
      ? []
      : [
          {
            path: ['environments', index, 'target'],
            message: 'a target of kind docker runs the image of a release, and the build makes none',
            hint: 'write build: { dockerfile: Dockerfile }',
          },
        ],
  );
}

function usesProcess({ hosting = 'local', target, written }: EnvironmentDraft): boolean {
  return target === undefined
    ? hosting === 'local' && !written.has('target') && written.size > 0
    : target.kind === 'process';
}

function samePort({ environments }: Draft): readonly Remark[] {
  const ports = environments.map(({ target }) =>
    target !== undefined && runsHere(target) && target.port !== 'none' ? target.port : undefined,
  );
  return ports.flatMap((port, index): Remark[] => {
    const first = port === undefined ? index : ports.indexOf(port);
    if (first === index) return [];
    const owner = environments[first]?.called ?? `environments[${first}]`;
    return [{ path: ['environments', index, 'target', 'port'], message: `port ${port} is already taken by ${owner}` }];
  });
}

/** There is no usual place for a server of one's own. */
function forge({ source }: Draft): readonly Remark[] {
  if (source?.forge?.kind !== 'gitea' || source.forge.api !== undefined) return [];
  return [
    {
      path: ['source', 'forge', 'api'],
      message: 'missing; a gitea server is asked at its own address',
      hint: 'write api: https://git.example.org/api/v1',
    },
  ];
}

function build({ build: spec }: Draft): readonly Remark[] {
  const set = Object.keys(spec?.variables ?? {}).flatMap((name): Remark[] => {
    const refusal = reservedName(name);
    return refusal === undefined ? [] : [{ path: ['build', 'variables', name], atKey: true, message: refusal.message }];
  });
  // The worker's own DATABASE_URL is Liftlock's database: a build that sees it can rewrite the record.
  const seen = (spec?.allowVariables ?? []).flatMap((name, index): Remark[] => {
    if (reservedName(name) === undefined) return [];
    return [
      {
        path: ['build', 'allowVariables', index],
        message: `${name} of the worker belongs to Liftlock; a build may not see it`,
      },
    ];
  });
  const twice: readonly Remark[] =
    spec?.dockerfile === undefined || spec.image === undefined
      ? []
      : [
          {
            path: ['build', 'image'],
            message: 'a release has one image, and dockerfile makes one already',
            hint: 'remove one of them',
          },
        ];
  return [...set, ...seen, ...twice];
}

function buildWarnings({ build: spec }: Draft): readonly Remark[] {
  return Object.entries(spec?.variables ?? {}).flatMap(([name, value]): Remark[] => {
    if (!looksSecret(name, value)) return [];
    return [
      {
        path: ['build', 'variables', name],
        message: 'this looks like a secret, and everybody who reads the file can see it',
        hint: `remove it, set ${name} for the worker and name it in allowVariables`,
      },
    ];
  });
}

function unusedMigration({ service: spec, environments }: Draft): readonly Remark[] {
  const databases = environments.some(({ database, written }) =>
    database === undefined ? written.has('database') : database !== 'none',
  );
  if (spec?.migrate === undefined || databases || environments.length === 0) return [];
  return [
    {
      path: ['service', 'migrate'],
      message: 'no environment has a database to migrate',
      hint: 'write database: managed in those that need one',
    },
  ];
}
