/** SPDX 2.2 and 2.3 as JSON: what is inside. SPDX 3 is another format and is refused by name. */
import type { Reading } from '../../domain/release/reading.ts';
import { at, listOf, textOf } from './json-value.ts';
import { inconclusive, type Report } from './reading.ts';

export function readSpdx({ value }: Report): Reading {
  const version = at(value, 'spdxVersion');
  if (at(value, '@graph') !== undefined)
    return inconclusive('the document is SPDX 3, which Liftlock does not read; write SPDX 2.3');
  if (version !== 'SPDX-2.2' && version !== 'SPDX-2.3')
    return inconclusive(`the document is ${textOf(version) ?? 'no SPDX'}, not SPDX-2.2 or SPDX-2.3`);
  if (at(value, 'SPDXID') !== 'SPDXRef-DOCUMENT')
    return inconclusive('the document does not name itself SPDXRef-DOCUMENT');
  const packages = listOf(at(value, 'packages')).filter((one) => textOf(at(one, 'name')) !== undefined);
  if (packages.length === 0) return inconclusive('the document names no package');
  return {
    verdict: 'PASS',
    summary: `${version}: ${packages.length} packages`,
    details: { of: 'components', components: packages.length },
  };
}
