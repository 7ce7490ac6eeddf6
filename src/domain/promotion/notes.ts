/** Release notes made from the commits since what runs: a start for a person who knows more than their subjects say. */
import type { CommitFact } from './proof.ts';

export interface NotesSubject {
  readonly project: string;
  readonly environment: string;
  readonly release: { readonly number: number; readonly commit: string; readonly tags: readonly string[] };
  /** What runs there now; absent before the first deployment. */
  readonly base: { readonly number: number; readonly commit: string } | undefined;
  /** Newest first. */
  readonly commits: readonly CommitFact[];
  /** Paths of migration files that are new. */
  readonly migrations: readonly string[];
}

/** Types of conventional commits that users of the project feel, in the order told; everything else comes last. */
const headings: readonly (readonly [type: string, heading: string])[] = [
  ['feat', 'New'],
  ['fix', 'Corrected'],
  ['perf', 'Faster'],
  ['revert', 'Taken back'],
];

/** Markdown. The same commits give the same text, whoever asks and whenever. */
export function generateNotes({ project, environment, release, base, commits, migrations }: NotesSubject): string {
  const told = commits.filter(({ cleanMerge }) => !cleanMerge);
  const name = [`#${release.number}`, ...release.tags].join(' ');
  const since =
    base === undefined
      ? `The first release in ${environment}.`
      : `Since release #${base.number} (${base.commit.slice(0, 10)}).`;
  const sections = [...headings, ['', 'Also changed'] as const].map(([type, heading]) => {
    const own = told.filter((commit) => typeOf(commit) === type);
    return own.length === 0 ? '' : `\n## ${heading}\n\n${own.map(line).join('\n')}\n`;
  });
  const breaking = told.filter(({ subject }) => /^\w+(\([^)]*\))?!:/.test(subject));
  const warning =
    breaking.length === 0 ? '' : `\n## Needs attention: no longer as it was\n\n${breaking.map(line).join('\n')}\n`;
  const database =
    migrations.length === 0 ? '' : `\n## Database\n\n${migrations.map((path) => `- ${oneLine(path)}`).join('\n')}\n`;
  const nothing = told.length === 0 ? '\nNo commit is new here.\n' : '';
  return `# ${project} ${name}\n\n${since}\n${warning}${sections.join('')}${database}${nothing}`;
}

function typeOf({ subject }: CommitFact): string {
  const type = /^(\w+)(?:\([^)]*\))?!?: /.exec(subject)?.[1]?.toLowerCase();
  return headings.some(([known]) => known === type) ? type! : '';
}

function line({ id, subject }: CommitFact): string {
  const text = oneLine(subject).replace(/^(feat|fix|perf|revert)(\([^)]*\))?!?: /i, '');
  return `- ${text} (${id.slice(0, 10)})`;
}

/** Subjects are written by anybody: no line of them may become a heading or hide another. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ').trim();
}
