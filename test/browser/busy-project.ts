/** A project in which people have said and set one of everything: what screens for people have to show. */
import assert from 'node:assert/strict';
import { insertDeadNotification } from '../make/records.ts';
import type { BrowserStage } from './browser-stage.ts';

const gates = ['review', 'security', 'qa', 'notes', 'plan'].map((gate) => `{ gate: ${gate} }`);

/** Answers its name; release 1 waits for production. */
export async function busyProject(stage: BrowserStage): Promise<string> {
  const { api } = stage;
  const project = await stage.project({ gates, trust: 'separation: two-person, breakGlass: two-person' });
  const path = `/api/v1/projects/${project}`;
  const production = `${path}/environments/production`;
  const done = async (where: string, body: object) => {
    const { status, body: answer } = await api.post(where, body);
    assert.ok(status < 300, `${where}: ${JSON.stringify(answer)}`);
  };
  await done(`${path}/promotions`, { release: '1', environment: 'production' });
  await api.work();
  await done(`${path}/environments/staging/hold`, { reason: 'let us look' });
  await done(`${path}/environments/development/pin`, { release: '1', reason: 'let us look' });
  await done('/api/v1/freezes', { project, environment: 'staging', reason: 'the year ends', until: Date.now() + 9e6 });
  await done(`${path}/releases/1/veto`, { environment: 'development', reason: 'it loses orders' });
  await done(`${path}/suppressions`, { finding: 'CVE-2026-7', until: Date.now() + 9e6, reason: 'not reachable' });
  await done(`${production}/break-glass`, {
    release: '1',
    gates: ['approval'],
    reason: 'the shop is down',
    incident: 'https://incidents.example.org/7',
  });
  await done('/api/v1/channels', {
    project,
    name: 'bell',
    settings: { kind: 'command', command: 'ring' },
    routes: [{}],
  });
  const { body } = await api.get('/api/v1/projects');
  const { id } = body.projects.find(({ name }: { name: string }) => name === project);
  await api.store.transaction((tx) => insertDeadNotification(tx, id, api.world.clock.now()));
  const text = (await api.get(`${path}/pipeline`)).body.text.replace('breakGlass: two-person', 'breakGlass: none');
  await done('/api/v1/projects', { text: text.replace('{ gate: qa }, ', '') });
  return project;
}
