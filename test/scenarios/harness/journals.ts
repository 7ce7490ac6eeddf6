/** What the commands of a project did, as they wrote it down themselves. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rightOutcome } from './project.ts';

interface Line {
  readonly word: string;
  readonly release: number;
  readonly pid: string;
}

export function journalOf(
  journals: string,
  environment: string,
  what: 'deploy' | 'verify' = 'deploy',
): readonly Line[] {
  return linesOf(join(journals, `${environment}.${what}`)).map((line) => {
    const [word = '', release = '', pid = ''] = line.split(' ');
    return { word, release: Number(release), pid };
  });
}

export function countOf(lines: readonly Line[], word: 'start' | 'end', release: number): number {
  return lines.filter((line) => line.word === word && line.release === release).length;
}

/** R7, R40: every sentence is a command that ran beside another one, more or less often than once, or not to its end. */
export function faultsIn(journals: string, environment: string, releases: readonly number[]): readonly string[] {
  const deployable = releases.filter((release) => rightOutcome(release) !== 'errored');
  return (
    [
      ['deploy', releases],
      ['verify', deployable],
    ] as const
  ).flatMap(([what, once]) => {
    const lines = journalOf(journals, environment, what);
    return [...overlaps(lines), ...repetitions(lines, once)].map((fault) => `${environment}, ${what}: ${fault}`);
  });
}

/** Each start is followed by its own end, or two commands ran at once. */
function overlaps(lines: readonly Line[]): readonly string[] {
  return lines.flatMap((line, index) => {
    const next = lines[index + 1];
    if (line.word !== 'start' || (next?.word === 'end' && next.pid === line.pid)) return [];
    return [
      `after "start ${line.release}" of process ${line.pid} comes "${next?.word} ${next?.release}" of process ${next?.pid}`,
    ];
  });
}

function repetitions(lines: readonly Line[], releases: readonly number[]): readonly string[] {
  return releases.flatMap((release) => {
    const starts = countOf(lines, 'start', release);
    const ends = countOf(lines, 'end', release);
    return starts === 1 && ends === 1 ? [] : [`release ${release} was begun ${starts} times and ended ${ends} times`];
  });
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}
