/** Customers of the shop while it changes: many languages, kept connections, and a count of what went wrong. */
import { Agent, get } from 'node:http';

export interface Customers {
  /** Since they came. */
  readonly seen: () => { readonly answered: number; readonly failed: number };
  leave(): Promise<void>;
}

const customers = 8;
const pauseMs = 15;
const languages = ['en', 'de', 'fr', 'es', 'pt'] as const;

/** They come to an address and go on until they are told to leave. */
export function invite(address: string): Customers {
  const over = new AbortController();
  let answered = 0;
  let failed = 0;
  const visit = async (number: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = number; !over.signal.aborted; turn++) {
      const status = await ask(address, agent, languages[turn % languages.length]!);
      if (status >= 200 && status < 500) answered += 1;
      else failed += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    agent.destroy();
  };
  const visits = Array.from({ length: customers }, (_, number) => visit(number));
  return {
    seen: () => ({ answered, failed }),
    async leave() {
      over.abort();
      await Promise.all(visits);
    },
  };
}

/** Status 0 when there was no answer. */
function ask(address: string, agent: Agent, language: string): Promise<number> {
  return new Promise((resolve) => {
    const asked = get(address, { agent, headers: { 'Accept-Language': language }, timeout: 30_000 }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', () => resolve(0));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(0));
  });
}
