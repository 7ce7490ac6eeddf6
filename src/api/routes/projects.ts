import { sees } from '../../domain/access/judge.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import type { Weakening } from '../../domain/pipeline/weakenings.ts';
import { readPipeline } from '../../pipeline-file/read.ts';
import { findProject } from '../../engine/find.ts';
import { logs } from '../../engine/views/logs.ts';
import { observe } from '../../engine/trigger/observe.ts';
import { withoutCredentials } from '../../domain/base/hidden.ts';
import { applyIn } from '../../engine/pipeline/register.ts';
import { plan, why } from '../../engine/gate/explain.ts';
import { status } from '../../engine/views/status.ts';
import { showStatus } from '../contract/environments.ts';
import { showPlan, showWhy } from '../contract/explanations.ts';
import { showLogs } from '../contract/logs.ts';
import { applyPipeline, listProjects, notifyProject, showPipeline } from '../contract/projects.ts';
import type { Background } from '../background.ts';
import { failureWith } from '../input.ts';
import { command, judgedBy, query, type Route } from '../route.ts';
import { across, type FindSubject } from '../subject.ts';

export function projectRoutes(background: Background): readonly Route[] {
  return [
    judgedBy(
      across,
      query(listProjects, async ({ store }, { visible }) => ({
        projects: (await store.transaction((tx) => tx.projects.list()))
          .filter(({ id }) => visible === 'every' || visible.includes(id))
          .map((project) => ({
            id: project.id,
            name: project.name,
            source: withoutCredentials(project.sourceUrl),
            sourceError: project.poll.error ?? null,
            nextLookAt: project.poll.dueAt,
            createdAt: project.createdAt,
          })),
      })),
    ),

    judgedBy(
      ofPipelineFile,
      command(applyPipeline, async (world, tx, { body, actor }) => {
        const reading = readPipeline(body.text, body.file);
        if (!reading.ok) throw wrongFile(body.file, reading.problems);
        const { project, changed, created, proposed } = await applyIn(world, tx, {
          pipeline: reading.pipeline,
          text: body.text,
          sourceUrl: body.source,
          actor,
        });
        const environments = reading.pipeline.environments.map(({ name }) => name);
        return {
          project: project.name,
          changed,
          created,
          proposed: proposed?.weakenings.map(told) ?? null,
          environments,
          warnings: reading.warnings,
        };
      }),
    ),

    query(showStatus, (world, { params }) => status(world, params.project)),

    query(showPipeline, async ({ store }, { params }) => {
      const { project, revision } = await store.transaction(async (tx) => {
        const found = await findProject(tx, params.project);
        return { project: found, revision: await tx.pipelines.current(found.id) };
      });
      if (revision === undefined) throw new Failure('pipeline/missing', `${project.name} has no pipeline yet`);
      const { id, digest, text, appliedBy, appliedAt } = revision;
      return { project: project.name, revision: id, digest, text, appliedBy, appliedAt };
    }),

    query(showWhy, (world, { params, query: pair, actor }) => why(world, { ...params, ...pair }, actor)),
    query(showPlan, (world, { params, query: pair, actor }) => plan(world, { ...params, ...pair }, actor)),

    query(showLogs, async (world, { params, query: { subject, bytes } }) => ({
      pieces: await logs(world, { project: params.project, subject, bytes }),
    })),

    command(
      notifyProject,
      async (_world, tx, { params }) => {
        const { id, name } = await findProject(tx, params.project);
        return { project: name, id };
      },
      (world, { id }) => background.run(`observe ${id}`, () => observe(world, id as ProjectId)),
    ),
  ];
}

/** The project that the file is of; a new one, and one that the caller does not see, takes the right to make projects. */
const ofPipelineFile: FindSubject = async ({ tx, principal }, { body }) => {
  const file = String(body['file']);
  const reading = readPipeline(String(body['text']), file);
  if (!reading.ok) throw wrongFile(file, reading.problems);
  const known = await tx.projects.byName(reading.pipeline.project);
  return { across: false, project: known !== undefined && sees(principal, known.id) ? known : undefined, kinds: [] };
};

function wrongFile(file: string, problems: Parameters<typeof failureWith>[1]): Failure {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return failureWith(
    { code: 'pipeline/invalid', message: `${file} has ${count}`, hint: 'Correct the file; nothing was changed.' },
    problems,
  );
}

function told({ environment, sentence }: Weakening): string {
  return environment === undefined ? sentence : `${environment}: ${sentence}`;
}
