/** The shape of the whole pipeline file as people write it. Editors get the same schema as JSON Schema. */
import { z } from 'zod';
import { trustDefaults } from '../domain/pipeline/defaults.ts';
import { forgeKinds } from '../domain/pipeline/pipeline.ts';
import { signatureModes } from '../domain/pipeline/trust.ts';
import { expected } from './expected.ts';
import { environmentFile } from './environment-schema.ts';
import {
  branchName,
  command,
  duration,
  insidePath,
  list,
  mapping,
  oneOf,
  repositoryName,
  secretName,
  size,
  slug,
  url,
  urlPath,
  variableName,
  variableValue,
} from './words.ts';

export const mostEnvironments = 100;

const forge = mapping('a mapping with kind, repository and token', {
  kind: oneOf(forgeKinds).describe('Which API it speaks; gitea is also that of Forgejo.'),
  repository: repositoryName.describe('Its name there, owner/name.'),
  api: url
    .exactOptional()
    .describe('Base address of its API; that of github.com or gitlab.com when left out. Needed for gitea.'),
  token: secretName.describe('Name of the secret that holds a token which may read it.'),
});

const source = mapping('a mapping with main and poll', {
  main: branchName.prefault('main').describe('The branch that releases come from.'),
  poll: duration('1s', '1d')
    .prefault('30s')
    .describe('How often the repository is looked at when nobody tells of a change.'),
  forge: forge.exactOptional().describe('The hosting platform, when its reviews are to count.'),
});

const build = mapping('a mapping with the commands of the build', {
  commands: list(command, 'a list of shell commands')
    .max(50, expected('at most 50 commands'))
    .prefault([])
    .describe('Run one after another in a clean copy of the commit; none when the copy itself is the artifact.'),
  timeout: duration('1s', '24h').prefault('10m').describe('For all commands together.'),
  outputLimit: size.prefault('20MB').describe('The build is stopped when it prints more.'),
  allowVariables: list(variableName, 'a list of names of variables')
    .prefault([])
    .describe('Variables of the worker that the build may see, beside PATH, HOME, LANG and the like.'),
  variables: z
    .record(variableName, variableValue, expected('a mapping of names to values'))
    .prefault({})
    .describe('Variables set for the build.'),
  output: insidePath.prefault('.').describe('The directory that becomes the artifact.'),
  exclude: list(insidePath, 'a list of paths or globs')
    .prefault([])
    .describe('Globs, relative to output, of what the artifact leaves out.'),
  dockerfile: insidePath
    .exactOptional()
    .describe('Dockerfile that makes the image of a release, after the commands; the artifact holds it.'),
  image: insidePath
    .exactOptional()
    .describe('File in which the commands leave the digest of an image that they made; instead of dockerfile.'),
});

const restartComplaint = expected('a whole number from 2 to 100, or never');

const restartAfter = z.union(
  [z.int(restartComplaint).min(2, restartComplaint).max(100, restartComplaint), z.literal('never', restartComplaint)],
  restartComplaint,
);

const health = z
  .union(
    [
      mapping('a mapping with path', {
        path: urlPath.describe('Up when this path answers 200-399.'),
        deadline: duration('1s', '1h').prefault('60s').describe('How long it may take to come up.'),
        timeout: duration('100ms', '5m').prefault('2s').describe('How long one answer may take.'),
        restartAfter: restartAfter
          .exactOptional()
          .describe(
            'While it serves: an instance is started again after so many bad answers in a row (3); never: it is told only.',
          ),
      }),
      mapping('a mapping with process', {
        process: duration('100ms', '1h').describe('Up when its process still runs after this time.'),
      }),
    ],
    expected('a mapping with either path or process', {
      hint: (input) => (typeof input === 'string' ? `write { path: ${input} }` : undefined),
    }),
  )
  .describe('How Liftlock knows that the service is up.');

const service = mapping('a mapping with start', {
  start: command.exactOptional().describe("Shell line that starts the service in the artifact's directory."),
  migrate: command
    .exactOptional()
    .describe("Shell line that brings the environment's database up to the release; run before the switch."),
  migrateTimeout: duration('1s', '24h').prefault('5m').describe('The migration is killed after this.'),
  health: health.prefault({ process: '2s' }),
  stopGrace: duration('0s', '1h').prefault('10s').describe('Time between SIGTERM and SIGKILL.'),
});

const rootComplaint = expected('the full id of a commit: 40 or 64 lower-case hexadecimal digits');

const trust = mapping('a mapping of what is asked of people and keys', {
  signatures: oneOf(signatureModes)
    .prefault(trustDefaults.signatures)
    .describe(
      'strict (default): a maintainer merges and signs; hosted: a platform merges and signs, and a maintainer accepts the commit in Liftlock; none: nobody is asked, and it is shown.',
    ),
  root: z
    .string(rootComplaint)
    .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, rootComplaint)
    .exactOptional()
    .describe('The commit where the history of main begins; without it, the one found at the first look.'),
  separation: oneOf(['two-person', 'none'])
    .prefault(trustDefaults.separation)
    .describe('two-person (default): nobody approves what he made or asked for; none: everybody may, and it is shown.'),
  breakGlass: oneOf(['two-person', 'none'])
    .prefault(trustDefaults.breakGlass)
    .describe('Whether two people together may pass named gates in an emergency. none (default): nobody may.'),
});

export const pipelineFile = mapping('a mapping with version, project and environments', {
  version: z
    .literal(1, expected('1, the version of the file format that this Liftlock reads'))
    .describe('Version of the file format.'),
  project: slug.describe('Names the project; unique on the server.'),
  source: source.prefault({}).describe('Where commits come from.'),
  build: build.prefault({}).describe('How a commit becomes an artifact, once.'),
  service: service.prefault({}).describe('How a release runs.'),
  trust: trust
    .prefault({})
    .describe('What is asked of people and keys; weaker choices are shown wherever they matter.'),
  environments: list(environmentFile, 'a list of environments')
    .min(1, expected('at least one environment'))
    .max(mostEnvironments, expected(`at most ${mostEnvironments} environments`))
    .describe('Where releases run; every one stands behind those it is after.'),
});

export type PipelineFile = z.output<typeof pipelineFile>;
