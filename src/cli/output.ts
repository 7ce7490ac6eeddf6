/** Data goes to standard output, everything else to standard error. */
import type { Failure } from '../domain/base/failure.ts';
import { failureCatalog } from '../domain/base/failure.ts';
import { plainJson, plainText } from './text/plain.ts';

export interface Output {
  readonly json: boolean;
  /** A person is reading standard output. */
  readonly interactive: boolean;
  readonly style: Style;
  /** The answer: one document under `--json`, else the text, with what a terminal would obey written out. */
  answer(document: unknown, text: () => string): void;
  /** The same with a text that is checked byte by byte elsewhere, so that nothing of it may be written out. */
  exact(document: unknown, text: string): void;
  /** One more line of an answer that goes on (NDJSON under `--json`). */
  line(document: unknown, text: () => string): void;
  /** What is going on, for a person; never under `--json` on standard output. */
  progress(text: string): void;
  problem(failure: Failure): void;
}

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

export function createOutput(options: { json: boolean; color: boolean; ci: boolean }): Output {
  const interactive = process.stdout.isTTY === true && process.stdin.isTTY === true && !options.ci;
  const style = options.color && process.stdout.isTTY === true && !options.json ? coloured : plain;
  const document = (value: unknown, indent?: number): string => `${plainJson(JSON.stringify(value, null, indent))}\n`;
  return {
    json: options.json,
    interactive,
    style,
    answer: (value, text) =>
      void process.stdout.write(options.json ? document(value, 2) : ensureLine(plainText(text()))),
    exact: (value, text) => void process.stdout.write(options.json ? document(value, 2) : ensureLine(text)),
    line: (value, text) => void process.stdout.write(options.json ? document(value) : ensureLine(plainText(text()))),
    progress: (text) => void process.stderr.write(ensureLine(plainText(text))),
    problem(failure) {
      if (options.json) process.stdout.write(document(problemOf(failure)));
      else
        process.stderr.write(
          plainText(
            `${style.bad('error')}: ${failure.message}\n${failure.hint === undefined ? '' : `  ${style.dim('→')} ${failure.hint}\n`}`,
          ),
        );
    },
  };
}

/** The same shape as the API's problems (RFC 9457). */
function problemOf(failure: Failure): Record<string, unknown> {
  return {
    type: `urn:liftlock:problem:${failure.code.replace('/', ':')}`,
    title: failure.code,
    status: failureCatalog[failure.code].http,
    detail: failure.message,
    code: failure.code,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  };
}

function ensureLine(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

const paint = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const coloured: Style = { bold: paint(1), dim: paint(2), good: paint(32), bad: paint(31), warn: paint(33) };
const same = (text: string): string => text;
const plain: Style = { bold: same, dim: same, good: same, bad: same, warn: same };
