import { open } from 'node:fs/promises';
import type { EvidenceView } from '../../api/contract/evidence.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { endOf } from '../text/time.ts';
import { projectPath } from '../project.ts';

const mostBytes = 32 * 2 ** 20;

/** 3 when it was recorded and opens nothing: a build can stop there. */
export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const [release, file] = invocation.arguments;
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  const expires = text('expires');
  const said = {
    kind: text('kind'),
    name: text('name'),
    environment: text('env'),
    format: text('format'),
    exitCode: text('exitCode'),
    expiresAt: expires === undefined ? undefined : endOf(expires),
  };
  const content = file === '-' ? await readInput() : await readFileOf(file!);
  const client = await connect(invocation);
  const path = `${await projectPath(invocation, client)}/releases/${encodeURIComponent(release!)}/evidence`;
  const piece = await client.upload<EvidenceView>(path, said, content);
  const how = { PASS: output.style.good, FAIL: output.style.bad, INCONCLUSIVE: output.style.warn }[piece.verdict];
  const whose =
    piece.standing === 'attested' ? `attested by ${piece.by}` : `claimed by ${piece.by}: nobody has signed it`;
  output.answer(
    piece,
    () => `${how(piece.verdict)} ${piece.kind} ${piece.name}: ${piece.summary}\n  ${piece.id}, ${whose}`,
  );
  return piece.verdict === 'PASS' ? 0 : 3;
};

async function readFileOf(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      return await readAll(file.createReadStream({ autoClose: false }));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('input/invalid', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function readInput(): Promise<Uint8Array> {
  if (process.stdin.isTTY)
    throw new Failure('input/invalid', 'the report is read from standard input', {
      hint: 'npm audit --json | liftlock evidence add latest -',
    });
  return readAll(process.stdin);
}

async function readAll(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > mostBytes) throw new Failure('input/too-large', 'evidence has at most 32 MiB');
  }
  return Buffer.concat(chunks);
}
