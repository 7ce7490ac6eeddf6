import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { createReports } from '../../../src/adapters/evidence/reports.ts';
import type { TestDetails } from '../../../src/domain/release/evidence-details.ts';
import type { Reading } from '../../../src/domain/release/reading.ts';

const reports = createReports();
let directory = '';
let files = 0;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftlock reports '));
});
after(() => rm(directory, { recursive: true, force: true }));

async function reading(content: string | Uint8Array): Promise<Reading> {
  const path = join(directory, `report ${(files += 1)}.xml`);
  await writeFile(path, content);
  return (await reports.readFile(path, { format: 'junit' })).reading;
}

function detailsOf({ details }: Reading): TestDetails {
  assert.ok(details?.of === 'tests');
  return details;
}

/** `tests failures errors skipped`, or why it cannot be read. */
async function read(content: string | Uint8Array): Promise<string> {
  const { verdict, details, summary } = await reading(content);
  if (details?.of !== 'tests') {
    assert.equal(verdict, 'INCONCLUSIVE');
    return summary;
  }
  const { tests, failures, errors, skipped } = details.counts;
  return `${tests} ${failures} ${errors} ${skipped}`;
}

async function nodeReport(content: string): Promise<string> {
  const folder = join(directory, `suite ${(files += 1)}`);
  await mkdir(folder);
  await writeFile(join(folder, 'a.test.mjs'), `import { describe, it, test } from 'node:test';\n${content}`);
  // A run of `node --test` inside another reports to that one unless it does not know about it.
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const options = { cwd: folder, env: environment, timeout: 60_000 };
  return await new Promise((resolve) => {
    execFile(process.execPath, ['--test', '--test-reporter=junit', 'a.test.mjs'], options, (_error, stdout) =>
      resolve(stdout),
    );
  });
}

test('node: what passes, fails, is skipped or still to do is counted at every depth', async () => {
  const xml = await nodeReport(`
    test('top', () => {});
    test('bad <&">', () => { throw new Error('\\u0007\\u001b[31m ]]> <b>'); });
    describe('suite', () => {
      it('good', () => {});
      it.skip('skipped', () => {});
      it.todo('todo that fails', () => { throw new Error('later'); });
      describe('deep', () => { it('deep bad', () => { throw new Error('x'); }); });
    });
    test('parent', async (t) => { await t.test('child', () => {}); await t.test('child bad', () => { throw 1; }); });`);
  assert.equal(await read(xml), '8 3 0 2');
  const answer = await reading(xml);
  assert.ok(detailsOf(answer).failed.includes('suite.deep › deep bad'), JSON.stringify(answer));
});

test('node: tests that all pass have no failures', async () => {
  assert.equal(
    await read(
      await nodeReport(
        `describe('a', () => { it('b', () => {}); describe('c', () => { it('d', () => {}); it('e', () => {}); }); });`,
      ),
    ),
    '3 0 0 0',
  );
});

test('node: a failure that its author announced with todo is not one', async () => {
  assert.equal(
    await read(
      await nodeReport(
        `describe('a', () => { it('b', () => {}); describe('c', () => it.todo('d', () => { throw 1; })); });`,
      ),
    ),
    '2 0 0 1',
  );
});

test('node: a parent that fails by itself, which only the summary tells, is a failure', async () => {
  const xml = await nodeReport(
    `test('parent', async (t) => { await t.test('child', () => {}); throw new Error('after the child'); });`,
  );
  assert.equal(await read(xml), '1 1 0 0');
});

test('node: a file that cannot be loaded is a failure', async () => {
  assert.equal(await read(await nodeReport(`throw new Error('cannot load');`)), '1 1 0 0');
});

test('R20, node: suites without a test in them are not tests', async () => {
  assert.match(await read(await nodeReport(`describe('empty', () => {});`)), /its summary says that no test ran/);
});

test('jest-junit', async () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="4" failures="1" errors="0" time="1.2">
  <testsuite name="cart" errors="0" failures="1" skipped="1" timestamp="2026-01-01T00:00:00" time="0.6" tests="3">
    <testcase classname="cart adds" name="cart adds" time="0.003"></testcase>
    <testcase classname="cart removes" name="cart removes" time="0.001"><failure>Error: expect(received).toBe(expected) &amp;lt;
      at Object.&lt;anonymous&gt; (/app/cart.test.js:5:3)</failure></testcase>
    <testcase classname="cart later" name="cart later" time="0"><skipped/></testcase>
  </testsuite>
  <testsuite name="shop" errors="0" failures="0" skipped="0" tests="1"><testcase classname="shop" name="opens" time="0"/></testsuite>
</testsuites>`;
  assert.equal(await read(xml), '4 1 0 1');
});

test('pytest', async () => {
  const xml = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.1" timestamp="2026-01-01T00:00:00.1+00:00" hostname="h"><properties><property name="a" value="b"/></properties><testcase classname="tests.test_a" name="test_ok[1-&lt;2&gt;]" time="0.001"><system-out><![CDATA[printed <testcase/> ]]></system-out></testcase><testcase classname="tests.test_a" name="test_bad" time="0.001"><failure message="assert 1 == 2">def test_bad(): &gt; assert 1 == 2 &#x1B;[31m</failure></testcase><testcase classname="tests.test_a" name="test_skip" time="0"><skipped type="pytest.skip" message="no">x</skipped></testcase><testcase classname="" name="tests.test_b" time="0"><error message="collection failure">ImportError</error></testcase></testsuite></testsuites>`;
  assert.equal(await read(xml), '4 1 1 1');
});

test('surefire', async () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="https://maven.apache.org/surefire/x.xsd" version="3.0" name="com.example.CartTest" time="0.05" tests="3" errors="1" skipped="1" failures="0">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="adds" classname="com.example.CartTest" time="0.01"/>
  <testcase name="breaks" classname="com.example.CartTest" time="0"><error message="null" type="java.lang.NullPointerException"><![CDATA[java.lang.NullPointerException
	at com.example.Cart.add(Cart.java:1)]]></error><system-err>x</system-err></testcase>
  <testcase name="later" classname="com.example.CartTest" time="0"><skipped/></testcase>
</testsuite>`;
  assert.equal(await read(xml), '3 0 1 1');
  const flaky =
    '<testsuite tests="1" failures="0"><testcase name="a"><flakyFailure message="first try">x</flakyFailure></testcase></testsuite>';
  const answer = await reading(flaky);
  assert.equal(answer.verdict, 'PASS');
  assert.deepEqual(detailsOf(answer).flaky, ['a']);
  assert.match(answer.summary, /1 passed only when tried again/);
});

test('go-junit-report', async () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" skipped="1">
	<testsuite name="example.com/cart" tests="3" failures="1" errors="0" id="0" hostname="h" skipped="1" time="0.010" timestamp="2026-01-01T00:00:00Z">
		<properties><property name="go.version" value="go1.22"></property></properties>
		<testcase name="TestAdd" classname="example.com/cart" time="0.000"></testcase>
		<testcase name="TestBad" classname="example.com/cart" time="0.000"><failure message="Failed"><![CDATA[    cart_test.go:5: no]]></failure></testcase>
		<testcase name="TestLater" classname="example.com/cart" time="0.000"><skipped message="Skipped"></skipped></testcase>
	</testsuite>
</testsuites>`;
  assert.equal(await read(xml), '3 1 0 1');
});

test('R20: a report without a single test is read as zero tests', async () => {
  assert.equal(await read('<testsuites/>'), '0 0 0 0');
  assert.equal(await read('<testsuites tests="0"><testsuite name="a" tests="0"/></testsuites>'), '0 0 0 0');
});

test('declared counters that differ from the cases make a report unreadable and say how', async () => {
  const more = '<testsuites><testsuite name="a" tests="10"><testcase name="b"/></testsuite></testsuites>';
  assert.equal(await read(more), 'the report contradicts itself: "a" declares 10 tests and holds 1');
  assert.match(await read('<testsuites tests="0"><testcase name="b"/></testsuites>'), /declares 0 tests and holds 1/);
  for (const wrong of ['-1', '1.5', 'many', '1e3', '٣'])
    assert.match(await read(`<testsuite tests="${wrong}"/>`), /declares no number of tests/);
});

test('declared failures that no case shows are failures, told once however often they are declared', async () => {
  const xml =
    '<testsuites failures="2"><testsuite name="setup" failures="1" errors="1" tests="1"><testcase name="b"/></testsuite></testsuites>';
  assert.equal(await read(xml), '1 2 0 0');
  const answer = await reading(xml);
  assert.equal(detailsOf(answer).failed[0], 'setup (declares failures that no test shows)');
});

test('a failure is certain, even when the counters of the report are not', async () => {
  assert.equal(await read('<testsuite tests="9"><testcase name="b"><failure/></testcase></testsuite>'), '1 1 0 0');
  assert.equal(
    await read('<testsuite failures="0"><testcase name="b"><x><error/></x></testcase></testsuite>'),
    '1 0 1 0',
  );
  assert.equal(await read('<testsuite name="s"><error message="set-up"/><testcase name="b"/></testsuite>'), '1 0 1 0');
  assert.equal(
    await read('<testsuite><testcase name="b"><failure/><skipped/><failure/></testcase></testsuite>'),
    '1 1 0 0',
  );
});

test('disabled tests are skipped ones', async () => {
  assert.equal(
    await read(
      '<testsuite tests="2"><testcase name="a" status="notrun"/><testcase name="b" status="run"/></testsuite>',
    ),
    '2 0 0 1',
  );
});

test('what was not written, not in full or not as XML is unreadable, with the reason', async () => {
  const whole =
    '<?xml version="1.0"?><testsuites><testsuite name="a" tests="1"><testcase name="b"/></testsuite></testsuites>';
  assert.equal(await read(whole), '1 0 0 0');
  for (let length = 0; length < whole.length; length++)
    assert.match(await read(whole.slice(0, length)), /empty|well-formed/, whole.slice(0, length));
  assert.match(await read(`${whole}<more/>`), /well-formed/);
  assert.match(await read('TAP version 14\nok 1\n'), /well-formed/);
  assert.match(await read('{"tests": 1}'), /well-formed/);
  assert.match(await read('<html><body/></html>'), /its root is <html>/);
  assert.match(await read('<testsuites><testcase><testcase/></testcase></testsuites>'), /inside another/);
  assert.match(await read(`${whole}\0\0`), /NUL/);
  assert.match(await read('<testsuites>&bomb;</testsuites>'), /well-formed/);
});

test('a file that is missing or no file is unreadable', { timeout: 10_000 }, async () => {
  const because = async (name: string) => {
    const { reading: answer, content } = await reports.readFile(join(directory, name), { format: 'junit' });
    assert.deepEqual([answer.verdict, content], ['INCONCLUSIVE', undefined]);
    return answer.summary;
  };
  assert.equal(await because('absent.xml'), 'the report was not written');
  assert.equal(await because('.'), 'the report is not a file');
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  assert.equal(await because('pipe'), 'the report is not a file');
});

test('a DOCTYPE is refused, so that entities cannot grow or fetch anything', async () => {
  const xml =
    '<!DOCTYPE testsuites [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><testsuites><testcase name="&b;"/></testsuites>';
  assert.match(await read(xml), /DOCTYPE/);
});

test('encodings are honoured, and bytes that do not fit theirs make a report unreadable', async () => {
  const xml = '<testsuites><testcase name="ä"><failure/></testcase></testsuites>';
  assert.equal(await read(Buffer.from(`\ufeff${xml}`, 'utf16le')), '1 1 0 0');
  assert.equal(await read(`\ufeff${xml}`), '1 1 0 0');
  const latin = await reading(Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${xml}`, 'latin1'));
  assert.deepEqual(detailsOf(latin).failed, ['ä']);
  assert.match(await read(Buffer.from(xml, 'latin1')), /is not utf-8 text/);
  assert.match(await read(Buffer.from('<testsuites/>').subarray(0, 13).toString() + '\ufffd'), /well-formed/);
  assert.match(await read(`<?xml version="1.0" encoding="klingon"?>${xml}`), /encoding nobody knows: klingon/);
});

test('a report that nests, repeats or grows without measure is left early', { timeout: 60_000 }, async () => {
  assert.match(await read('<testsuites>'.repeat(100_000)), /nests deeper than 100/);
  assert.match(await read(`<testsuites>${']]>'.repeat(200_000)}</testsuites>`), /well-formed/);
  const manyAttributes = Array.from({ length: 2_000 }, (_, index) => `a${index}=""`).join(' ');
  assert.match(await read(`<testsuites><testcase ${manyAttributes}/></testsuites>`), /attributes/);
  assert.match(
    await read(`<testsuites><!--${' '.repeat(17 * 2 ** 20)}--></testsuites>`),
    /a single text longer than 16 MiB/,
  );
  const path = join(directory, 'huge.xml');
  const file = await open(path, 'w');
  await file.write('<testsuites>');
  const mebibyte = '<testcase name="a"/>'.padEnd(32, ' ').repeat(2 ** 15);
  for (let size = 0; size < 33; size++) await file.write(mebibyte);
  await file.close();
  assert.equal((await reports.readFile(path, { format: 'junit' })).reading.summary, 'the report is larger than 32 MiB');
});

test('names of failed tests are kept short and few, whatever the report holds', async () => {
  const cases = `<testcase name="${'n'.repeat(10_000)}"><failure/></testcase>`.repeat(500);
  const answer = await reading(`<testsuite>${cases}</testsuite>`);
  const { counts, failed } = detailsOf(answer);
  assert.deepEqual([counts.failures, failed.length], [500, 100]);
  assert.ok(JSON.stringify(answer).length < 50_000);
});

interface Tree {
  readonly cases: readonly ('pass' | 'failure' | 'error' | 'skipped')[];
  readonly suites: readonly Tree[];
}
function trees(depth: number): fc.Arbitrary<Tree> {
  return fc.record<Tree>({
    cases: fc.array(fc.constantFrom('pass', 'failure', 'error', 'skipped'), { maxLength: 5 }),
    suites: depth === 0 ? fc.constant([]) : fc.array(trees(depth - 1), { maxLength: 3 }),
  });
}
const tree = trees(3);
const flatten = ({ cases, suites }: Tree): string[] => [...cases, ...suites.flatMap(flatten)];
const written = (suite: Tree): string =>
  `<testsuite name="s" tests="${flatten(suite).length}">${suite.cases
    .map((outcome) => (outcome === 'pass' ? '<testcase name="c"/>' : `<testcase name="c"><${outcome}/></testcase>`))
    .join('\n')}${suite.suites.map(written).join('')}</testsuite>`;

test('any nesting of suites is counted case by case', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (suite) => {
      const all = flatten(suite);
      const count = (word: string) => all.filter((outcome) => outcome === word).length;
      assert.equal(
        await read(written(suite)),
        `${all.length} ${count('failure')} ${count('error')} ${count('skipped')}`,
      );
    }),
  );
});

test('whatever is in the file, reading it ends with an answer', { timeout: 120_000 }, async () => {
  const pieces = fc.constantFrom(
    '<testsuites>',
    '</testsuites>',
    '<testsuite tests="1">',
    '</testsuite>',
    '<testcase name="a">',
    '</testcase>',
    '<failure',
    '/>',
    '>',
    '<!--',
    '-->',
    ' fail 1 ',
    '<![CDATA[',
    ']]>',
    '&',
    '&#0;',
    '&lt;',
    '<?xml',
    '?>',
    '\0',
    '"',
    "'",
    ' ',
    '<!DOCTYPE',
    'é',
  );
  const text = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 60 }).map((parts) => parts.join(''));
  const damaged = fc.tuple(tree.map(written), fc.nat(), fc.uint8Array({ maxLength: 8 })).map(([xml, at, bytes]) => {
    const whole = Buffer.from(xml);
    return Buffer.concat([whole.subarray(0, at % whole.length), bytes, whole.subarray(at % whole.length)]);
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, damaged, fc.uint8Array({ maxLength: 300 })), async (content) => {
      const answer = await reading(content);
      if (answer.details?.of === 'tests')
        assert.ok(Object.values(answer.details.counts).every((count) => Number.isSafeInteger(count) && count >= 0));
      else assert.equal(answer.verdict, 'INCONCLUSIVE');
      assert.ok(answer.summary.length > 0 && answer.summary.length < 2_500);
    }),
    { numRuns: 1_000 },
  );
});
