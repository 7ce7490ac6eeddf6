// node scripts/write-schema.mjs [folder]
// Writes the JSON Schema of the pipeline file to schema/ (or the folder named), where editors find it in the package.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pipelineJsonSchema } from '../src/pipeline-file/schema-json.ts';

const folder = process.argv[2] ?? join(dirname(dirname(fileURLToPath(import.meta.url))), 'schema');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'liftlock.schema.json'), `${JSON.stringify(pipelineJsonSchema(), undefined, 2)}\n`);
