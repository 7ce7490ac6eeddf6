/**
 * The answer of an instance on its way to the client. A short one that came in one piece goes out in one write, head and body
 * together: of all that a request costs here, waking up the reader of a socket costs most.
 */
import type { ServerResponse } from 'node:http';
import { responseHeaders } from './headers.ts';
import { soon } from './soon.ts';
import { writeCopy } from './spare-bytes.ts';

export interface Answer {
  begin(head: Head): void;
  /** Copies it. False: the client does not keep up; go on after `drain` of its response. */
  data(bytes: Buffer): boolean;
  end(): void;
}

export interface Head {
  readonly status: number;
  readonly raw: readonly string[];
  readonly extra: readonly string[];
}

/** Longer ones go out as they come. */
const shortBytes = 8_192;

export function answerTo(response: ServerResponse): Answer {
  let isHeadKept = false;
  /** In Latin-1. */
  let first: string | undefined;
  const flush = (): void => {
    if (!isHeadKept || response.destroyed) return;
    isHeadKept = false;
    if (first === undefined) response.flushHeaders();
    else response.write(first, 'latin1');
    first = undefined;
  };
  return {
    begin({ status, raw, extra }) {
      const headers = responseHeaders(raw, extra);
      response.sendDate = !headers.hasDate;
      response.writeHead(status, headers.pairs);
      isHeadKept = true;
      // What the instance has sent by now is read in one go; whoever waits for the rest gets what is there.
      process.nextTick(flush);
    },
    data(bytes) {
      if (isHeadKept && first === undefined && bytes.length <= shortBytes) {
        first = bytes.toString('latin1');
        return true;
      }
      flush();
      return writeCopy(bytes, (copy, written) => response.write(copy, written));
    },
    end() {
      isHeadKept = false;
      soon(() => {
        if (first === undefined) response.end();
        else response.end(first, 'latin1');
      });
    },
  };
}
