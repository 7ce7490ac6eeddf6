/** Release notes as they are shown, and where they are in the API. */
import type { NotesView } from '../../api/contract/changes.ts';
import type { Client } from '../client.ts';
import type { Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

export async function notesPath(invocation: Invocation, client: Client, verb = 'notes'): Promise<string> {
  const environment = encodeURIComponent(invocation.arguments[1]!);
  return `${await projectPath(invocation, client)}/environments/${environment}/${verb}`;
}

export function renderNotes({ body, source, by, acceptedBy, digest }: NotesView): string {
  const state = acceptedBy === null ? 'not accepted yet' : `accepted by ${acceptedBy}`;
  return `${body.trimEnd()}\n\n(${source} by ${by}, ${state}; ${digest})`;
}
