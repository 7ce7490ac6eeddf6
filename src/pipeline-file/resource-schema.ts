/** The shape of what an instance may take of its machine. */
import { z } from 'zod';
import { expected } from './expected.ts';
import { mapping, memorySize, wholeNumber } from './words.ts';

const coresComplaint = expected('a number of cores from 0.01 to 1024, such as 0.5 or 2', {
  hint: (input) =>
    typeof input === 'string' && /^\d+(\.\d+)?$/.test(input) ? `write ${input} without quotes` : undefined,
});
const cores = z.number(coresComplaint).min(0.01, coresComplaint).max(1_024, coresComplaint);

export const resources = mapping('limits such as { memory: 512M, cpu: 0.5 }', {
  memory: memorySize.exactOptional().describe('An instance that needs more is ended, and started again.'),
  cpu: cores.exactOptional().describe('Cores; an instance that wants more is slowed down.'),
  processes: wholeNumber(1, 1_000_000).exactOptional().describe('Processes and threads of an instance.'),
  openFiles: wholeNumber(16, 1_000_000).exactOptional().describe('Open files and connections of each process.'),
});
