/** Who may import whom. Reads every import of src, type-only ones included. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Room {
  /** Rooms it may import besides itself. `base` stands for `domain/base`. */
  readonly may: readonly string[];
  /** Families in the room (its folders) do not know each other. */
  readonly families?: true;
  /** Packages and `node:` modules it may use; everything when absent. */
  readonly packages?: readonly string[];
  readonly why: string;
}

/** What is put together, once, where everything is known. */
const parts = [
  'domain',
  'pipeline-file',
  'ports',
  'engine',
  'adapters',
  'api',
  'api/contract',
  'config.ts',
  'host',
  'system',
];

/** The table: a folder that is not in it fails, so a new room is a decision. */
const rooms: Readonly<Record<string, Room>> = {
  domain: {
    may: [],
    packages: ['temporal-polyfill'],
    why: 'the domain is pure: rules without I/O, clock or framework',
  },
  'pipeline-file': { may: ['domain'], why: 'the pipeline file is text that becomes a domain pipeline' },
  ports: { may: ['domain'], packages: [], why: 'a port says what Liftlock asks of the world, in words of the domain' },
  engine: { may: ['domain', 'ports'], why: 'the engine asks through ports and never knows who answers' },
  adapters: {
    may: ['domain', 'ports', 'system'],
    families: true,
    why: 'an adapter answers one port and can be replaced alone',
  },
  'api/contract': { may: ['domain'], packages: ['zod'], why: 'the contract is shared with command line and console' },
  api: {
    may: ['api/contract', 'domain', 'ports', 'engine', 'pipeline-file'],
    why: 'the API translates HTTP into the engine',
  },
  cli: {
    may: ['api/contract', 'domain', 'pipeline-file', 'host', 'system', 'main.ts', 'config.ts'],
    why: 'the command line talks to a server, and starts one only through main.ts',
  },
  host: {
    may: ['domain'],
    why: 'where this machine keeps things is known to whoever starts a server and whoever looks for one',
  },
  system: {
    may: [],
    why: 'what is asked of an operating system means the same to whoever asks',
  },
  'config.ts': { may: ['domain'], why: 'configuration is read once, before anything exists' },
  main: { may: [...parts], why: 'the parts of a control plane are put together in one place' },
  'main.ts': { may: [...parts, 'main'], why: 'main.ts starts what was assembled' },
};

/** Words of the domain in the order in which they may build on each other: each knows the ones before it. */
const words = [
  'base',
  'audit',
  'pipeline',
  'access',
  'trigger',
  'release',
  'promotion',
  'gate',
  'observation',
  'verdict',
  'rollout',
  'notification',
  'checkup',
];

/** Only the starting point of the command line may reach main.ts; every other room is assembled by it. */
const importersOfMain = [/^src\/cli\/(server-process\.ts|commands\/)/];

interface Import {
  readonly from: string;
  /** A path in src, or the name of a package. */
  readonly to: string;
  readonly line: number;
  readonly inside: boolean;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const files = filesUnder(join(root, 'src'));
const imports = files.flatMap(importsOf);

test('there is something to check', () => {
  assert.ok(files.length > 0, 'No source file was found under src: the check would pass without looking.');
  assert.ok(imports.length > 0, 'No import was found under src: the check would pass without looking.');
});

test('every folder of src is in the table', () => {
  const unknown = files
    .filter((file) => roomOf(file) === undefined)
    .map((file) => `${file} stands in no room of the table in test/architecture.test.ts.`);
  const strangers = files
    .map(wordOf)
    .filter((word) => word !== undefined && !words.includes(word))
    .map((word) => `src/domain/${word} is not in the order of the domain's words in test/architecture.test.ts.`);
  const ofEngine = files
    .map((file) => /^src\/engine\/([^/]+)\//.exec(file)?.[1])
    .filter((folder) => folder !== undefined && folder !== 'views' && !words.includes(folder))
    .map((folder) => `src/engine/${folder} is no word of the domain: a verb lies with the word that it is about.`);
  assertNone([...unknown, ...new Set([...strangers, ...ofEngine])]);
});

test('rooms import only the rooms that the table allows', () => {
  assertNone(imports.filter(({ inside }) => inside).flatMap(forbiddenRoom));
});

test('ARCHITECTURE.md shows this table, and the words of the domain in this order', () => {
  const text = textOf('ARCHITECTURE.md');
  const rows = [...text.matchAll(/^\| `src\/([^`]+)` \|[^|]*\| ([^|]+) \|$/gm)];
  const namesIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const shown = Object.fromEntries(
    rows.map(([, room = '', cell = '']) => [room, cell === 'everything' ? 'everything' : namesIn(cell).toSorted()]),
  );
  const held = Object.entries(rooms).map(([room, { may }]) => [
    room,
    parts.every((part) => may.includes(part)) ? 'everything' : may.toSorted(),
  ]);
  assert.deepEqual(shown, Object.fromEntries(held));
  assert.ok(text.includes(`In order: ${words.join(', ')}.`), `The words should be ${words.join(', ')}.`);
});

test('the console takes from src the types of the contract and of the domain, and from elsewhere five packages', () => {
  const packages = ['react', 'react-dom', '@tanstack/react-query', 'wouter', 'uplot'];
  const ofConsole = filesUnder(join(root, 'console/src'));
  assert.ok(ofConsole.length > 0, 'No file was found under console/src: the check would pass without looking.');
  const foreign = ofConsole.flatMap(importsOf).filter(({ to, inside }) => !inside || !to.startsWith('console/'));
  const typesOf = (file: string) =>
    new Set([...textOf(file).matchAll(/^import type [^;]*?from '([^']+)'/gm)].map(([, specifier]) => specifier));
  const isType = ({ from, to }: Import) =>
    [...typesOf(from)].some((specifier) => pathIn(resolve(root, dirname(from), specifier!)) === to);
  assertNone(
    foreign
      .filter((one) =>
        one.inside ? !/^src\/(api\/contract|domain)\//.test(one.to) || !isType(one) : !packages.includes(one.to),
      )
      .map(
        ({ from, to, line }) =>
          `${from}:${line} imports ${to}: the console is sent to browsers, and knows the server by the types of its contract alone.`,
      ),
  );
  assertNone(
    cyclesAmong(ofConsole, ofConsole.flatMap(importsOf)).map(
      (cycle) => `These files import each other in a circle: ${cycle.join(' → ')}.`,
    ),
  );
});

test('the words of the domain build only on earlier words', () => {
  assertNone(
    imports.flatMap(({ from, to, line, inside }) => {
      const [word, other] = [wordOf(from), inside ? wordOf(to) : undefined];
      if (word === undefined || other === undefined || words.indexOf(other) <= words.indexOf(word)) return [];
      return [
        `${from}:${line} imports ${to}, but ${other} comes after ${word}: the domain reads ${words.join(' → ')}.`,
      ];
    }),
  );
});

test('rooms use only the packages that the table allows', () => {
  assertNone(
    imports.flatMap(({ from, to, line, inside }) => {
      const room = roomOf(from);
      const allowed = room === undefined ? undefined : rooms[room]?.packages;
      if (inside || allowed === undefined || allowed.includes(to) || isTest(from)) return [];
      return [
        `${from}:${line} imports ${to}, but ${room} may use ${allowed.join(', ') || 'no package at all'}: ${rooms[room ?? '']?.why}.`,
      ];
    }),
  );
});

test('no file imports itself through others, type-only imports included', () => {
  assertNone(cyclesAmong(files).map((cycle) => `These files import each other in a circle: ${cycle.join(' → ')}.`));
});

test('nothing climbs more than three levels', () => {
  assertNone(
    files.flatMap((file) =>
      specifiersIn(file)
        .filter(({ specifier }) => specifier.startsWith('../../../../'))
        .map(
          ({ specifier, line }) => `${file}:${line} climbs more than three levels (${specifier}): move one of the two.`,
        ),
    ),
  );
});

test('process.env is read in src/config.ts only', () => {
  assertNone(
    files
      .filter(
        (file) => file !== 'src/config.ts' && !isTest(file) && /\bprocess\.env\b/.test(withoutComments(textOf(file))),
      )
      .map((file) => `${file} reads process.env: take the value as a parameter and read it in src/config.ts.`),
  );
});

test('the check itself sees static, type-only, side-effect, re-exporting and dynamic imports', () => {
  const text = [
    "import a from './a.ts';",
    "import type { B } from './b.ts';",
    "import './c.ts';",
    "export { d } from './d.ts';",
    "export type * from './e.ts';",
    "const f = await import('./f.ts');",
    "type G = import('./g.ts').G;",
    'import {\n  h,\n} from "./h.ts";',
    "// import i from './i.ts';",
  ].join('\n');
  assert.deepEqual(
    specifiersOf(text)
      .map(({ specifier }) => specifier)
      .toSorted(),
    ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts', './g.ts', './h.ts'],
  );
});

test('the check itself finds a circle of three and leaves a diamond alone', () => {
  const edges = (pairs: readonly string[]): readonly Import[] =>
    pairs.map((pair) => ({ from: pair.slice(0, 1), to: pair.slice(1), line: 1, inside: true }));
  assert.deepEqual(cyclesAmong(['a', 'b', 'c'], edges(['ab', 'bc', 'ca'])), [['a', 'b', 'c', 'a']]);
  assert.deepEqual(cyclesAmong(['a', 'b', 'c', 'd'], edges(['ab', 'ac', 'bd', 'cd'])), []);
});

function forbiddenRoom({ from, to, line }: Import): readonly string[] {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === undefined || other === undefined) return [];
  const rule = rooms[room];
  const place = `${from}:${line} imports ${to}, but`;
  if (other === 'main.ts' && !importersOfMain.some((allowed) => allowed.test(from))) {
    return [`${place} nobody imports main.ts except the start of the command line.`];
  }
  if (room === other) {
    const apart = rule?.families === true && familyOf(from) !== familyOf(to) && !isTest(from);
    return apart ? [`${place} ${familyOf(from)} and ${familyOf(to)} do not know each other: ${rule.why}.`] : [];
  }
  if (rule === undefined || rule.may.includes(other)) return [];
  return [`${place} ${room} may import ${rule.may.join(', ') || 'nothing but itself'}: ${rule.why}.`];
}

/** The longest entry of the table that the path lies in. */
function roomOf(file: string): string | undefined {
  const path = file.slice('src/'.length);
  return Object.keys(rooms)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .toSorted((left, right) => right.length - left.length)[0];
}

function familyOf(file: string): string | undefined {
  return file.split('/')[2];
}

function wordOf(file: string): string | undefined {
  return file.startsWith('src/domain/') ? file.split('/')[2] : undefined;
}

function isTest(file: string): boolean {
  return file.endsWith('.test.ts');
}

function importsOf(file: string): readonly Import[] {
  return specifiersIn(file).map(({ specifier, line }) => {
    const inside = specifier.startsWith('.');
    const to = inside ? pathIn(resolve(root, dirname(file), specifier)) : packageOf(specifier);
    return { from: file, to, line, inside };
  });
}

function packageOf(specifier: string): string {
  if (isBuiltin(specifier)) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function specifiersIn(file: string): readonly { specifier: string; line: number }[] {
  return specifiersOf(textOf(file));
}

function specifiersOf(text: string): readonly { specifier: string; line: number }[] {
  const code = withoutComments(text);
  const patterns = [
    /\b(?:import|export)\b[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*['"]([^'"]+)['"]/g,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
  ];
  return patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => ({
      specifier: match[1] ?? '',
      line: code.slice(0, match.index).split('\n').length,
    })),
  );
}

/** Blanks comments and keeps the lines, so that line numbers stay right. */
function withoutComments(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
    .replaceAll(/^\s*\/\/.*$/gm, '');
}

/** Depth-first search; each circle is reported once, from where it was entered. */
function cyclesAmong(nodes: readonly string[], edges: readonly Import[] = imports): readonly (readonly string[])[] {
  const next = Map.groupBy(
    edges.filter(({ inside }) => inside),
    ({ from }) => from,
  );
  const state = new Map<string, 'open' | 'done'>();
  const cycles: (readonly string[])[] = [];
  const visit = (node: string, path: readonly string[]): void => {
    if (state.get(node) === 'open') cycles.push([...path.slice(path.indexOf(node)), node]);
    if (state.has(node)) return;
    state.set(node, 'open');
    for (const { to } of next.get(node) ?? []) visit(to, [...path, node]);
    state.set(node, 'done');
  };
  for (const node of nodes) visit(node, []);
  return cycles;
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|mts|js|mjs)$/.test(entry.name))
    .map((entry) => pathIn(join(entry.parentPath, entry.name)))
    .toSorted();
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function pathIn(path: string): string {
  return relative(root, path).split(sep).join('/');
}

function assertNone(sentences: readonly string[]): void {
  assert.ok(sentences.length === 0, `\n${sentences.join('\n')}`);
}
