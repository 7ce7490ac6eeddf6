/** Questions, only where somebody can answer them. */
import { createInterface } from 'node:readline/promises';
import { Failure } from '../domain/base/failure.ts';
import type { Invocation } from './invocation.ts';
import { plainText } from './text/plain.ts';

/**
 * True when the person says yes, or said so beforehand with `--yes`.
 * @throws Failure `input/invalid` where nobody can be asked, naming the command that needs no question.
 */
export async function confirm(invocation: Invocation, question: string, command: string): Promise<boolean> {
  if (invocation.options['yes'] === true) return true;
  if (!canAsk(invocation))
    throw new Failure('input/invalid', 'this needs a yes, and nobody can be asked here', { hint: `${command} --yes` });
  const answer = await ask(`${question} [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

/** The number of the line chosen, 0-based; `undefined` when the person chose none. */
export async function choose(title: string, lines: readonly string[]): Promise<number | undefined> {
  const numbered = lines.map((line, index) => `  [${index + 1}] ${line}`);
  process.stderr.write(plainText(`${[title, ...numbered].join('\n')}\n`));
  const answer = (await ask('Which one? [1] ')).trim();
  const chosen = answer === '' ? 1 : Number(answer);
  return Number.isInteger(chosen) && chosen >= 1 && chosen <= lines.length ? chosen - 1 : undefined;
}

export function canAsk({ output, options }: Invocation): boolean {
  return output.interactive && !output.json && options['input'] !== false;
}

async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question);
  } finally {
    reader.close();
  }
}
