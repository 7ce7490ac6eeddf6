import { readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import { projectRoot } from '../../host/home.ts';
import { formatProblem } from '../../pipeline-file/problem.ts';
import { readPipeline } from '../../pipeline-file/read.ts';
import { connect, type Client } from '../client.ts';
import type { Act, Invocation } from '../invocation.ts';

export interface Applied {
  readonly project: string;
  readonly changed: boolean;
  readonly created: boolean;
  readonly environments: readonly string[];
  /** What the file weakens, when it waits for a second person. */
  readonly proposed: readonly string[] | null;
}

export const act: Act = async (invocation) => {
  const file = invocation.arguments[0] ?? join(projectRoot(invocation.directory), 'liftlock.yaml');
  const text = await checkedFile(invocation, file);
  if (invocation.options['check'] === true) {
    invocation.output.answer({ file, valid: true }, () => `${shown(invocation.directory, file)} is valid`);
    return 0;
  }
  const client = await connect(invocation);
  const source = invocation.options['source'];
  const applied = await applyText(client, { file, text, source: typeof source === 'string' ? source : undefined });
  invocation.output.answer(applied, () => told(applied));
  return applied.proposed === null ? 0 : 8;
};

function told({ project, created, changed, environments, proposed }: Applied): string {
  if (proposed !== null) return waitsForSecond(project, proposed);
  return `${project}: ${created ? 'new' : changed ? 'in force' : 'unchanged'}; ${environments.join(' → ')}`;
}

/** R19: what is in force stays so. */
export function waitsForSecond(project: string, weaker: readonly string[]): string {
  return [
    `${project}: not in force yet. It asks for less than before, so a second person decides: liftlock pipeline diff`,
    ...weaker.map((sentence) => `  ${sentence}`),
  ].join('\n');
}

export function applyText(
  client: Client,
  { file, text, source }: { file: string; text: string; source: string | undefined },
): Promise<Applied> {
  return client.post<Applied>('/api/v1/projects', {
    file: basename(file),
    text,
    ...(source === undefined ? {} : { source }),
  });
}

/** As the person would write it: relative unless it lies elsewhere. */
function shown(directory: string, file: string): string {
  const path = relative(directory, resolve(directory, file));
  return path.startsWith('..') ? file : path;
}

/** The file's text, after saying everything that is wrong or doubtful in it. @throws Failure `pipeline/missing`, `pipeline/invalid`. */
export async function checkedFile({ output, directory }: Invocation, file: string): Promise<string> {
  const name = shown(directory, file);
  const text = await readFile(resolve(directory, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure(
      'pipeline/missing',
      `${name} cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
      { hint: 'liftlock init writes one' },
    );
  });
  const reading = readPipeline(text, name);
  if (!reading.ok) {
    throw new Failure(
      'pipeline/invalid',
      `${name} has ${reading.problems.length === 1 ? 'a problem' : `${reading.problems.length} problems`}\n${reading.problems.map(formatProblem).join('\n')}`,
    );
  }
  for (const warning of reading.warnings) output.progress(`warning: ${formatProblem(warning)}`);
  return text;
}
