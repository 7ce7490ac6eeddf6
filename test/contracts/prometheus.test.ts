/** Queries against a real Prometheus that scrapes a service of two releases. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createMeters } from '../../src/adapters/meters/meters.ts';
import { createOutgoing } from '../../src/adapters/outgoing/outgoing.ts';
import { createProbe } from '../../src/adapters/probe/probe.ts';
import { filled, inPromql, placeholders, type Placeholder } from '../../src/domain/pipeline/placeholders.ts';
import type { SideReading } from '../../src/domain/verdict/metric.ts';
import { until } from '../world/make.ts';
import { freePort } from '../world/traffic.ts';

const isThere = spawnSync('prometheus', ['--version']).status === 0;

/** A name of the kind that would end a string, bring an escape or be taken for a pattern. */
const awkward = 'it\'s "2\\n"} or up{a=~".*ü☃';

const exposed = `refused_total{release="1"} 3
refused_total{release="2"} 7
orders_total{release="1"} 0
named{release="${awkward.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"} 42
`;

describe(
  'a real Prometheus',
  { skip: isThere ? false : 'there is no prometheus on this machine: Debian has it' },
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'liftlock prometheus '));
    const service = createServer((_, response) => response.end(exposed));
    let running: ChildProcess;
    let url = '';
    let meters: ReturnType<typeof createMeters>;

    const ask = async (query: string, names: Partial<Record<Placeholder, string>> = {}): Promise<unknown> => {
      const values = { ...Object.fromEntries(placeholders.map((name) => [name, name])), ...names };
      const text = filled(query, values as Record<Placeholder, string>, inPromql);
      const signal = new AbortController().signal;
      const reading: SideReading = await meters.prometheus({ url, query: text, timeoutMs: 10_000, signal });
      return 'value' in reading ? reading.value : `${reading.says}: ${reading.because}`;
    };

    before(async () => {
      await new Promise<void>((done) => service.listen(0, '127.0.0.1', done));
      const port = await freePort();
      const target = `127.0.0.1:${(service.address() as AddressInfo).port}`;
      writeFileSync(
        join(directory, 'prometheus.yml'),
        `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs: [{ job_name: shop, static_configs: [{ targets: ["${target}"] }] }]\n`,
      );
      const flags = {
        'config.file': join(directory, 'prometheus.yml'),
        'storage.tsdb.path': join(directory, 'data'),
        'web.listen-address': `127.0.0.1:${port}`,
      };
      running = spawn(
        'prometheus',
        Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
        { stdio: 'ignore' },
      );
      url = `http://127.0.0.1:${port}`;
      meters = createMeters({ outgoing: createOutgoing({ allowHosts: [`127.0.0.1:${port}`] }), probe: createProbe() });
      await until(
        async () => (await ask('count(refused_total)')) === 2,
        'what the service counts to be scraped',
        60_000,
      );
    });
    after(async () => {
      if (running !== undefined && running.exitCode === null) {
        const ended = new Promise((done) => running.once('exit', done));
        running.kill('SIGKILL');
        await ended;
      }
      service.closeAllConnections();
      service.close();
      rmSync(directory, { recursive: true, force: true });
    });

    test('one number comes back for each release', async () => {
      const query = 'sum(refused_total{release="{{release}}"})';
      assert.deepEqual([await ask(query, { release: '1' }), await ask(query, { release: '2' })], [3, 7]);
      assert.equal(await ask('scalar(sum(refused_total)) / 4'), 2.5);
    });

    test('a name with quotes, backslashes and patterns in it is looked for as it is, in either kind of quotes', async () => {
      for (const query of [`sum(named{release="{{release}}"})`, `sum(named{release='{{release}}'})`])
        assert.equal(await ask(query, { release: awkward }), 42, query);
      assert.equal(await ask('sum(named{release="{{release}}"})', { release: `${awkward}x` }), 'inconclusive: no data');
    });

    test('no data, no number, several numbers and a query that is none are told apart', async () => {
      assert.equal(await ask('refused_total{release="3"}'), 'inconclusive: no data');
      assert.equal(await ask('sum(orders_total) / sum(orders_total)'), 'inconclusive: NaN is no number to judge by');
      assert.equal(await ask('sum(refused_total) / sum(orders_total)'), 'inconclusive: +Inf is no number to judge by');
      assert.equal(await ask('refused_total'), 'error: the query gives 2 series instead of one number');
      assert.match(String(await ask('refused_total[1m]')), /^error: the query gives a range of samples/);
      assert.match(
        String(await ask('sum(refused_total')),
        /^error: the query was refused with status 400: .*parse error/,
      );
      assert.match(String(await ask('"text"')), /^error: the query gives no number/);
    });
  },
);
