import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Probe, ProbeAnswer } from '../../ports/probe.ts';
import { isOurs, reasonOf } from './reason.ts';

/** Reading stops here; what answered by then has answered. */
const mostBodyBytes = 64 * 1024;

/**
 * One GET over a connection of its own, closed afterwards. Redirects are answers, not followed. The time
 * limit covers everything from looking up the name to the end of the body.
 */
export function createProbe(): Probe {
  return { http };
}

function http(url: string, { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal }): Promise<ProbeAnswer> {
  const address = URL.parse(url);
  if (address === null || !['http:', 'https:'].includes(address.protocol)) {
    return Promise.resolve({ reached: false, reason: 'the address is no http or https URL' });
  }
  if (signal?.aborted === true) return Promise.resolve(stopped);
  return new Promise((resolve) => {
    const begin = performance.now();
    const pieces: Buffer[] = [];
    let bytes = 0;
    const send = address.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(address, { agent: false, headers: { accept: '*/*', 'user-agent': 'liftlock-probe' } });
    const timer = setTimeout(
      () => settle({ reached: false, reason: `no answer within ${inWords(timeoutMs)}` }),
      timeoutMs,
    );
    const abort = () => settle(stopped);

    signal?.addEventListener('abort', abort, { once: true });
    request.on('error', (error) =>
      settle({ reached: false, reason: reasonOf(error), ...(isOurs(error) && { byUs: true }) }),
    );
    request.on('upgrade', (response) => settle(answerOf(response)));
    request.on('response', (response) => {
      response.on('error', () =>
        settle({ reached: false, reason: 'the connection was closed in the middle of the answer' }),
      );
      response.on('end', () => settle(answerOf(response)));
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        bytes += piece.length;
        if (bytes > mostBodyBytes) settle(answerOf(response));
      });
    });
    request.end();

    function answerOf(response: IncomingMessage): ProbeAnswer {
      return {
        reached: true,
        status: response.statusCode ?? 0,
        milliseconds: Math.round(performance.now() - begin),
        body: Buffer.concat(pieces),
        isWhole: bytes <= mostBodyBytes,
      };
    }

    /** Whatever happens after the first answer no longer counts: destroying the request emits errors of its own. */
    function settle(answer: ProbeAnswer): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      request.destroy();
      resolve(answer);
    }
  });
}

const stopped: ProbeAnswer = { reached: false, reason: 'stopped before it answered' };

function inWords(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)}ms` : `${Math.round(milliseconds / 100) / 10}s`;
}
