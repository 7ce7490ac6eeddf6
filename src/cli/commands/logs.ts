import { connect, type Client } from '../client.ts';
import type { LogPiece } from '../../api/contract/logs.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

const lookEvery = 500;

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const path = `${await projectPath(invocation, client)}/logs`;
  const query = { subject: invocation.arguments[0], bytes: String(invocation.options['bytes']) };
  if (invocation.options['follow'] === true) return follow(invocation, client, { path, query });
  const answer = await client.get<{ pieces: readonly LogPiece[] }>(path, query);
  invocation.output.answer(answer, () =>
    answer.pieces
      .map(({ run, state, text, instance }) => {
        const which = instance === null || !hasSeveral(answer.pieces) ? '' : `instance ${instance}, `;
        return `── ${run} (${which}${state})\n${text}`;
      })
      .join('\n'),
  );
  return 0;
};

/** What is new, again and again, until everything has ended or somebody says stop. */
async function follow(
  invocation: Invocation,
  client: Client,
  request: { path: string; query: { subject: string | undefined; bytes: string } },
): Promise<number> {
  const told = new Map<string, string>();
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  while (!stop.signal.aborted) {
    const { pieces } = await client
      .get<{ pieces: readonly LogPiece[] }>(request.path, request.query)
      .catch((error: unknown) => {
        if (error instanceof Failure && error.code === 'request/not-found') return { pieces: [] };
        throw error;
      });
    for (const piece of pieces) {
      const fresh = unseen(told.get(piece.run) ?? '', piece.text);
      told.set(piece.run, piece.text);
      if (fresh !== '')
        invocation.output.line({ ...piece, text: fresh }, () => (hasSeveral(pieces) ? signed(piece, fresh) : fresh));
    }
    if (pieces.length > 0 && pieces.every(({ state }) => state !== 'running')) return 0;
    await new Promise((resolve) => setTimeout(resolve, lookEvery));
  }
  return 130;
}

function hasSeveral(pieces: readonly LogPiece[]): boolean {
  return pieces.some(({ instance }) => instance !== null && instance > 1);
}

/** Each line says which instance wrote it: they come mixed. */
function signed({ instance }: LogPiece, text: string): string {
  return instance === null ? text : text.replace(/^(?=.)/gm, `${instance} | `);
}

/** The part of `now` behind what was seen; both are ends of the same growing text, so the seen end is looked for in the new one. */
function unseen(seen: string, now: string): string {
  if (now.startsWith(seen)) return now.slice(seen.length);
  const anchor = seen.slice(-256);
  const at = now.lastIndexOf(anchor);
  return at === -1 ? now : now.slice(at + anchor.length);
}
