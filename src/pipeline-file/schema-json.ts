/** The JSON Schema of the pipeline file, for editors. */
import { z } from 'zod';
import { pipelineFile } from './schema.ts';

/**
 * Draft 7, which every YAML language server reads. It says less than `readPipeline`: rules between
 * environments, real time zones and real dates are only checked there.
 */
export function pipelineJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(pipelineFile, { io: 'input', target: 'draft-7' });
  return { $schema, title: 'Liftlock pipeline', ...schema };
}
