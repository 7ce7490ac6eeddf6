import type { ReportFormat } from '../../domain/pipeline/report.ts';
import { at, isList, isObject, listOf, textOf } from './json-value.ts';

/** What JSON is by its marks, each of which only one of the formats has. */
export function detectJson(value: unknown): ReportFormat | undefined {
  return marks.find(([, isIt]) => isIt(value))?.[0];
}

const marks: readonly (readonly [ReportFormat, (value: unknown) => boolean])[] = [
  ['sarif', (value) => isList(at(value, 'runs')) && at(value, 'version') !== undefined],
  ['cyclonedx', (value) => at(value, 'bomFormat') !== undefined],
  ['spdx', (value) => at(value, 'spdxVersion') !== undefined || isSpdx3(value)],
  ['trivy', (value) => at(value, 'SchemaVersion') !== undefined],
  ['npm-audit', (value) => at(value, 'auditReportVersion') !== undefined || isNpmError(value)],
  ['autocannon', (value) => isObject(at(value, 'latency')) && isObject(at(value, 'requests'))],
  ['k6', (value) => isObject(at(value, 'metrics')) && isObject(at(value, 'root_group'))],
  [
    'osv',
    (value) => isList(at(value, 'results')) && listOf(at(value, 'results')).every((one) => isList(at(one, 'packages'))),
  ],
];

function isSpdx3(value: unknown): boolean {
  return (
    isList(at(value, '@graph')) &&
    listOf([at(value, '@context')].flat()).some((one) => textOf(one)?.includes('spdx.org/rdf/3') === true)
  );
}

function isNpmError(value: unknown): boolean {
  return (
    isObject(at(value, 'error')) &&
    typeof at(value, 'message') === 'string' &&
    at(value, 'vulnerabilities') === undefined
  );
}
