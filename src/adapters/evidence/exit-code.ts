/** The exit code of a command, written down as a number and nothing else. */
import type { Reading } from '../../domain/release/reading.ts';
import { judgeExit } from '../../domain/verdict/verdict.ts';
import { inconclusive, type Report } from './reading.ts';

export function readExitCode({ content }: Report): Reading {
  const digits = /^\s*(\d{1,3})\s*$/.exec(Buffer.from(content).toString('latin1'))?.[1];
  const code = Number(digits);
  if (digits === undefined || code > 255) return inconclusive('the report is no exit code: a number from 0 to 255');
  return { ...judgeExit(code, ''), details: { of: 'exit', code } };
}
