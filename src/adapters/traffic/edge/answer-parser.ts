/**
 * Reads answers of instances with llhttp, the strict parser that Node itself reads requests with. Node offers it to programs only
 * behind `http.request`, so it is taken as undici ships it, compiled to WebAssembly. The version is pinned: what lies where is known.
 */
import { maxHeaderSize } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export interface Head {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly raw: readonly string[];
  /** Neither side has said that the connection ends with this answer, and its end can be told without that. */
  readonly keepsOpen: boolean;
}

export interface Hears {
  /** Of each answer, those that only say that another one follows (1xx) included. */
  head(head: Head): void;
  /** To be copied: the bytes are those of the next answer soon. */
  data(bytes: Buffer): void;
  end(): void;
}

export interface AnswerParser {
  /** From now on one answer is heard; `isHeadOnly`: to HEAD, whose length is that of a body that does not come. */
  expect(isHeadOnly: boolean): void;
  /** Of at most `mostBytes`. Answers why this is no answer, when it is none; what follows one that is over is none either. */
  read(bytes: Buffer): string | undefined;
  /** The connection has ended, and so does an answer that has no length. */
  close(): void;
  /** Not while it reads. */
  free(): void;
}

export const mostBytes = 65_536;

interface Llhttp {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(bytes: number): number;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  llhttp_execute(parser: number, at: number, length: number): number;
  llhttp_finish(parser: number): number;
  llhttp_get_error_reason(parser: number): number;
}

/** Of Node, and not in its types. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const answers = 2;
const failed = -1;
const withoutBody = 1;

interface Reading {
  readonly hears: Hears;
  raw: string[];
  headBytes: number;
  isHeadOnly: boolean;
  /** The head of an answer came that another one follows. */
  isInterim: boolean;
  isOver: boolean;
}

let reading: Reading;
let bytes: Buffer;
/** The beginning of `bytes` as text, once a head needs it: a piece of a text costs less than a text of its own. */
let decoded: string | undefined;
const mostDecoded = 2_048;
let inputAt = 0;
let input: Uint8Array | undefined;

const callbacks = {
  wasm_on_url: () => 0,
  wasm_on_status: () => 0,
  wasm_on_message_begin: () => (reading.isOver ? failed : 0),
  wasm_on_header_field: (_: number, at: number, length: number) => heardOfHead(at, length, 1),
  wasm_on_header_value: (_: number, at: number, length: number) => heardOfHead(at, length, 0),
  wasm_on_headers_complete(_: number, status: number, ...[, keepsOpen]: readonly [upgrade: number, keepsOpen: number]) {
    const { hears, raw, isHeadOnly } = reading;
    reading.raw = [];
    reading.headBytes = 0;
    reading.isInterim = status < 200;
    hears.head({ status, raw, keepsOpen: keepsOpen === 1 });
    return isHeadOnly || status < 200 ? withoutBody : 0;
  },
  wasm_on_body(_: number, at: number, length: number) {
    reading.hears.data(bytes.subarray(at - inputAt, at - inputAt + length));
    return 0;
  },
  wasm_on_message_complete() {
    if (reading.isInterim) return 0;
    reading.raw = [];
    reading.isOver = true;
    reading.hears.end();
    return 0;
  },
};

/** `turn`: how many parts there are, modulo 2, when the last one is of the same kind: a part may come in pieces. */
function heardOfHead(at: number, length: number, turn: 0 | 1): number {
  const { raw } = reading;
  reading.headBytes += length;
  if (reading.headBytes > maxHeaderSize) return failed;
  const from = at - inputAt;
  const text =
    from + length <= mostDecoded
      ? (decoded ??= bytes.toString('latin1', 0, mostDecoded)).slice(from, from + length)
      : bytes.toString('latin1', from, from + length);
  if (raw.length % 2 === turn) raw[raw.length - 1] += text;
  else raw.push(text);
  return 0;
}

const llhttp = load();

function load(): Llhttp {
  const code = require('undici/lib/llhttp/llhttp_simd-wasm.js') as Uint8Array;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: callbacks });
  return exports as Llhttp;
}

export function createAnswerParser(hears: Hears): AnswerParser {
  const parser = llhttp.llhttp_alloc(answers);
  const own: Reading = { hears, raw: [], headBytes: 0, isHeadOnly: false, isInterim: false, isOver: true };
  return {
    expect(isHeadOnly) {
      own.isOver = false;
      own.isHeadOnly = isHeadOnly;
    },
    read(next) {
      if (inputAt === 0) inputAt = llhttp.malloc(mostBytes);
      // The memory moves when it grows.
      if (input?.buffer !== llhttp.memory.buffer) input = new Uint8Array(llhttp.memory.buffer, inputAt, mostBytes);
      input.set(next);
      reading = own;
      bytes = next;
      decoded = undefined;
      return llhttp.llhttp_execute(parser, inputAt, next.length) === 0 ? undefined : reasonOf(parser);
    },
    close() {
      reading = own;
      llhttp.llhttp_finish(parser);
    },
    free: () => llhttp.llhttp_free(parser),
  };
}

function reasonOf(parser: number): string {
  const at = llhttp.llhttp_get_error_reason(parser);
  const memory = Buffer.from(llhttp.memory.buffer);
  return at === 0 ? 'not HTTP' : memory.toString('latin1', at, memory.indexOf(0, at));
}
