/** The lines of JSON in which an engine tells how building, loading and pulling go on. */
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { unreachable } from './engine-failure.ts';
import { jsonOf } from './json.ts';

const step = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  aux: z.object({ ID: z.string().optional() }).optional(),
});

export type Progress = z.infer<typeof step>;

/** A line is a sentence for people; one as long as this is none. */
const longestLine = 2 ** 20;

/** What is not such a line is passed over: newer engines say more. @throws Failure `docker/unreachable` when it breaks off. */
export async function* progressOf(socket: string, stream: Readable): AsyncGenerator<Progress> {
  let rest = '';
  try {
    for await (const piece of stream.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = `${rest}${piece}`.split('\n');
      rest = (lines.pop() ?? '').slice(0, longestLine);
      for (const line of lines) yield* read(line);
    }
  } catch (error) {
    throw unreachable(socket, error);
  } finally {
    stream.destroy();
  }
  yield* read(rest);
}

function* read(line: string): Generator<Progress> {
  if (line.trim() === '') return;
  const parsed = step.safeParse(jsonOf(line));
  if (parsed.success) yield parsed.data;
}
