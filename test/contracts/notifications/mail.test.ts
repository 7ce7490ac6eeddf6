/** Notifications by e-mail, to a real SMTP server, and by a command that really runs. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createMail } from '../../../src/adapters/outgoing/mail.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { makePerson, makeProject } from '../../world/api-server.ts';
import { tellingWorld, type TellingWorld } from './stage.ts';

interface Taken {
  readonly to: readonly string[];
  readonly user: string | undefined;
  readonly text: string;
}

interface MailServerUnderTest {
  readonly port: number;
  readonly taken: readonly Taken[];
  close(): Promise<void>;
}

async function mailServer(options: Partial<SMTPServerOptions> = {}): Promise<MailServerUnderTest> {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
      stream.on('end', () => {
        taken.push({ to: session.envelope.rcptTo.map(({ address }) => address), user: session.user as string, text });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.server.address() as AddressInfo).port,
    taken,
    close: () => new Promise((done) => server.close(() => done())),
  };
}

describe('notifications by e-mail and by command', () => {
  let stage: TellingWorld;
  let directory: string;
  const servers: MailServerUnderTest[] = [];

  before(async () => {
    stage = await tellingWorld();
    directory = await mkdtemp(join(tmpdir(), 'liftlock told '));
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await stage?.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function serve(options: Partial<SMTPServerOptions> = {}): Promise<MailServerUnderTest> {
    const server = await mailServer(options);
    servers.push(server);
    stage.allow(`127.0.0.1:${server.port}`);
    return server;
  }

  const mail = (port: number, more: object = {}) => ({
    kind: 'email',
    host: '127.0.0.1',
    port,
    security: 'none',
    from: 'liftlock@example.org',
    to: ['oncall@example.org'],
    ...more,
  });
  const remove = (name: string) => stage.api.post(`/api/v1/channels/${name}/remove`);

  test('a page is one letter to every address, marked urgent, with a subject that nobody can break out of', async () => {
    const server = await serve();
    await stage.addChannel('letters', mail(server.port, { to: ['oncall@example.org', 'boss@example.org'] }));
    const evil = 'worn out\r\nBcc: thief@example.org\r\n\r\n<b>hello';
    await stage.record({ kind: 'environment.paged', actor: 'ann\r\nX-Evil: 1', data: { message: evil } });
    await stage.tell();
    await stage.tell();
    const [letter, ...others] = server.taken;
    assert.equal(others.length, 0);
    assert.deepEqual(letter!.to, ['oncall@example.org', 'boss@example.org']);
    const [head, body] = letter!.text.split('\r\n\r\n', 2) as [string, string];
    assert.match(head, /^Subject: \[page\] Liftlock: automation has stopped and a person must look$/m);
    assert.match(head, /^Auto-Submitted: auto-generated$/m);
    assert.match(head, /^Importance: high$/im);
    assert.match(head, /^Message-ID: <ntf_[0-9a-z]+@example\.org>$/m);
    assert.doesNotMatch(head, /Bcc|X-Evil|thief/);
    assert.match(body, /\[page\] Liftlock/);
    await remove('letters');
  });

  test('who could decide gets a letter about what waits for him, and about nothing else', async () => {
    const server = await serve();
    const { name: project, path } = await makeProject(stage.api, { trust: 'separation: two-person' });
    await makePerson(stage.api, ['maintainer'], { project, handle: 'mia', emails: ['mia@example.org'] });
    await makePerson(stage.api, ['viewer'], { project, handle: 'vic', emails: ['vic@example.org'] });
    await stage.addChannel('deciders', mail(server.port, { to: [], deciders: true }), { project });
    await stage.record({ kind: 'environment.paged', ...(await projectOf(project)) });
    await stage.record({ kind: 'pipeline.proposed', actor: 'tess', ...(await projectOf(project)) });
    await stage.tell();
    assert.deepEqual(
      server.taken.map(({ to }) => to),
      [['mia@example.org']],
    );
    assert.match(server.taken[0]!.text, /could decide: mia\r\n/);
    assert.equal(path, `/api/v1/projects/${project}`);
    await remove('deciders');
  });

  const projectOf = async (name: string) => ({
    project: (await stage.world.store.transaction((tx) => tx.projects.byName(name)))!.id,
  });

  test('the password comes from the secret store', async () => {
    const server = await serve({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, done) =>
        password === 'correct horse' ? done(null, { user: username! }) : done(new Error('no')),
    });
    await stage.secret('MAIL_PASSWORD', 'correct horse');
    await stage.addChannel('signed-in', mail(server.port, { user: 'liftlock', secret: 'MAIL_PASSWORD' }));
    await stage.record({ kind: 'environment.paged' });
    await stage.tell();
    assert.equal(server.taken[0]?.user, 'liftlock');
    await stage.secret('MAIL_PASSWORD', 'wrong donkey');
    await stage.record({ kind: 'environment.paged' });
    await stage.tell();
    const { deliveries } = await stage.newest('signed-in');
    assert.equal(deliveries[0].state, 'dead');
    assert.doesNotMatch(JSON.stringify(deliveries), /donkey|horse/);
    await remove('signed-in');
  });

  test('an address that the server refuses for good is given up, one that it refuses for now is tried again', async () => {
    let answer = 450;
    const server = await serve({
      onRcptTo: (_, __, done) => done(Object.assign(new Error('not now'), { responseCode: answer })),
    });
    await stage.addChannel('refusing', mail(server.port));
    await stage.record({ kind: 'environment.paged' });
    await stage.tell();
    assert.equal((await stage.newest('refusing')).deliveries[0].state, 'waiting');
    answer = 550;
    stage.advance(60_000);
    await stage.tell();
    const { deliveries, attempts } = await stage.newest('refusing');
    assert.equal(deliveries[0].state, 'dead');
    assert.deepEqual(
      attempts.map(({ outcome }: { outcome: string }) => outcome),
      ['failed', 'refused'],
    );
    await remove('refusing');
  });

  test('of two addresses of which one is refused, nobody believes that both have it', async () => {
    const server = await serve({
      onRcptTo: ({ address }, _, done) =>
        address.startsWith('gone') ? done(Object.assign(new Error('unknown'), { responseCode: 550 })) : done(),
    });
    await stage.addChannel('half', mail(server.port, { to: ['here@example.org', 'gone@example.org'] }));
    await stage.record({ kind: 'environment.paged' });
    await stage.tell();
    assert.deepEqual(server.taken[0]!.to, ['here@example.org']);
    assert.match((await stage.newest('half')).deliveries[0].because, /1 of 2 addresses were not taken/);
    await remove('half');
  });

  test('TLS that was asked for is demanded: a server without it, or with a certificate of its own making, gets no letter', async () => {
    const letter = {
      from: 'a@example.org',
      to: ['b@example.org'],
      subject: 's',
      text: 't',
      messageId: 'ntf_1',
      urgent: false,
    };
    const without = await serve();
    const selfMade = await serve({ disabledCommands: [] });
    const send = (port: number, security: 'starttls' | 'none', allowHosts: readonly string[]) =>
      createMail({ allowHosts }).send(letter, {
        host: '127.0.0.1',
        port,
        security,
        login: undefined,
        timeoutMs: 5_000,
      });
    for (const { port } of [without, selfMade])
      await assert.rejects(send(port, 'starttls', [`127.0.0.1:${port}`]), (thrown: unknown) => {
        assert.ok(thrown instanceof Failure && thrown.code.startsWith('mail/'), String(thrown));
        return true;
      });
    for (const security of ['starttls', 'none'] as const)
      await assert.rejects(send(without.port, security, []), { code: 'outgoing/refused' });
    assert.equal(without.taken.length + selfMade.taken.length, 0);
  });

  test('a server that says nothing is left after the time limit', async () => {
    const { createServer } = await import('node:net');
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((done) => mute.once('listening', done));
    const { port } = mute.address() as AddressInfo;
    const to = { host: '127.0.0.1', port, security: 'none' as const, login: undefined, timeoutMs: 300 };
    const letter = { from: 'a@b.c', to: ['b@c.d'], subject: 's', text: 't', messageId: 'ntf_1', urgent: false };
    await assert.rejects(createMail({ allowHosts: [`127.0.0.1:${port}`] }).send(letter, to), { code: 'mail/failed' });
    mute.close();
  });

  test('a command gets the notification on its input and as variables, once, with its secret hidden in what it says', async () => {
    const file = join(directory, 'told');
    await stage.secret('PAGER_KEY', 'a pager key of ours');
    const command = `cat >> '${file}'; echo "$LIFTLOCK_SEVERITY $LIFTLOCK_TITLE" >> '${file}'; [ "$PAGER_KEY" = 'a pager key of ours' ]`;
    await stage.addChannel('pager', { kind: 'command', command, secret: 'PAGER_KEY' });
    await stage.record({ kind: 'environment.paged', data: { message: "it's $HOME `worn`\n'out'" } });
    await stage.tell();
    await stage.tell();
    const [json, line, ...rest] = (await readFile(file, 'utf8')).trim().split('\n');
    assert.equal(rest.length, 0);
    assert.equal(JSON.parse(json!).data.notification.because, "it's $HOME `worn`\n'out'");
    assert.equal(line, 'page [page] Liftlock: automation has stopped and a person must look');
    assert.equal((await stage.newest('pager')).deliveries[0].state, 'delivered');
    await remove('pager');
  });

  test('a command that fails is not run again by itself; a person may, and then it is', async () => {
    const file = join(directory, 'runs');
    await writeFile(file, '');
    await stage.secret('PAGER_KEY', 'a pager key of ours');
    const command = `echo run >> '${file}'; echo "key $PAGER_KEY"; exit 3`;
    await stage.addChannel('broken', { kind: 'command', command, secret: 'PAGER_KEY' });
    await stage.record({ kind: 'environment.paged' });
    await stage.tell();
    stage.advance(3_600_000);
    await stage.tell();
    const dead = await stage.newest('broken');
    assert.equal(dead.deliveries[0].state, 'dead');
    assert.match(dead.deliveries[0].because, /exit code 3: key \[hidden\]/);
    assert.equal((await stage.api.post(`/api/v1/notifications/${dead.id}/redeliver`)).status, 202);
    await stage.tell();
    assert.equal(await readFile(file, 'utf8'), 'run\nrun\n');
    await remove('broken');
  });
});
