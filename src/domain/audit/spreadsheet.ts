/** Events as comma-separated values (RFC 4180) for people with spreadsheets. */
import { canonicalJson } from '../base/digest.ts';
import { preciseTime } from './cloud-event.ts';
import type { AuditedEvent } from './leaf.ts';

export const spreadsheetHead = lineOf([
  'entry',
  'time',
  'kind',
  'actor',
  'project',
  'environment',
  'release',
  'promotion',
  'data',
  'id',
]);

export function spreadsheetLine(index: number, event: AuditedEvent): string {
  const { id, at, kind, actor, project = '', environment = '', release = '', promotion = '', data } = event;
  return lineOf([
    String(index),
    preciseTime(at),
    kind,
    actor,
    project,
    environment,
    release,
    promotion,
    canonicalJson(data),
    id,
  ]);
}

function lineOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV Injection"); leading blanks do not help it. */
function cellOf(text: string): string {
  const harmless = /^\s*[=+\-@|%\t\r\n]/.test(text) || /^[\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
