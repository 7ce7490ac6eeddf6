/** JUnit XML of any dialect. The document is never held as a tree; memory is bounded by the longest single text in it. */
import type { Reading } from '../../../domain/release/reading.ts';
import { judgeTests } from '../../../domain/verdict/verdict.ts';
import { createDecoder } from '../decoder.ts';
import { textOf } from '../json-value.ts';
import { inconclusive, type Report } from '../reading.ts';
import { createTally, type Tallied } from './tally.ts';
import { readXml } from './xml.ts';

const pieceBytes = 64 * 1024;
/** After this much others get their turn; a large report takes longer than a server may be silent. */
const breathAfter = 1024 * 1024;

export async function readJunit({ content }: Report): Promise<Reading> {
  const tally = createTally();
  const xml = readXml(tally.handlers);
  const decode = createDecoder();
  for (let from = 0; from <= content.length; from += pieceBytes) {
    const last = from + pieceBytes > content.length;
    const text = decode(content.subarray(from, from + pieceBytes), last);
    const trouble = text.problem ?? xml.write(text.text) ?? tally.problem();
    if (trouble !== undefined) return inconclusive(`the report ${trouble}`);
    if (from % breathAfter === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const trouble = xml.end();
  return trouble === undefined ? judge(tally.result()) : inconclusive(`the report ${trouble}`);
}

function judge({ counts, failed, flaky, flakyCount, disagreement }: Tallied): Reading {
  if (disagreement !== undefined) return inconclusive(`the report contradicts itself: ${disagreement}`);
  const { verdict, summary } = judgeTests(counts);
  const names = failed.slice(0, 5).flatMap((name) => textOf(name) ?? []);
  const shaky = flakyCount === 0 ? '' : `, ${flakyCount} passed only when tried again`;
  return {
    verdict,
    summary: `${summary}${shaky}${names.length === 0 ? '' : `: ${names.join(', ')}`}`,
    details: { of: 'tests', counts, failed, flaky },
  };
}
