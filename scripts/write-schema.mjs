// Writes the JSON Schema of the pipeline file to schema/, where editors find it in the package.
import { mkdirSync, writeFileSync } from 'node:fs';
import { pipelineJsonSchema } from '../src/pipeline-file/schema-json.ts';

const folder = new URL('../schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('liftlock.schema.json', folder), `${JSON.stringify(pipelineJsonSchema(), undefined, 2)}\n`);
