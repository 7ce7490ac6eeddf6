import { Agent, request } from 'node:http';
import type { Place } from './target-stage.ts';

/** Clients with kept connections that ask until they are told to end. */
export function keepAsking(
  { port }: Place,
  clients = 8,
): { end(): Promise<{ answered: number; failed: readonly string[] }> } {
  const over = new AbortController();
  const failed: string[] = [];
  let answered = 0;
  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!over.signal.aborted) {
      const said = await new Promise<number | string>((resolve) => {
        const asked = request({ host: '127.0.0.1', port, agent }, (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode ?? 0));
          response.once('error', (error) => resolve(error.message));
        });
        asked.once('error', (error) => resolve(error.message));
        asked.end();
      });
      if (said === 200) answered += 1;
      else failed.push(String(said));
    }
    agent.destroy();
  };
  const running = Array.from({ length: clients }, client);
  return {
    async end() {
      over.abort();
      await Promise.all(running);
      return { answered, failed };
    },
  };
}
