import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refuseForeign, type Listening } from './origin.ts';

const loopback: Listening = { host: '127.0.0.1', port: 7400, names: [] };
const lets = (listening: Listening, host: string | undefined, origin?: string): boolean => {
  try {
    refuseForeign(listening, { host, origin });
    return true;
  } catch (failure) {
    assert.equal((failure as { code?: string }).code, 'request/forbidden');
    return false;
  }
};

test('no name but localhost and the configured ones gets through, whatever it looks like', () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.string(), fc.string({ unit: 'binary' })), fc.boolean(), (name, everywhere) => {
      fc.pre(!/^(localhost|127\.0\.0\.1|\[::1\])$/i.test(name) && !/^[\d.:[\]a-f]+$/i.test(name));
      const listening = everywhere ? { ...loopback, host: '0.0.0.0' } : loopback;
      assert.equal(lets(listening, `${name}:7400`), false);
      assert.equal(lets(listening, '127.0.0.1:7400', `http://${name}:7400`), false);
    }),
  );
});

test('a server on all addresses takes any address, because an address cannot be rebound, and no unknown name', () => {
  const everywhere = { ...loopback, host: '0.0.0.0' };
  assert.deepEqual(
    ['10.1.2.3:7400', '[fd00::1]:7400', '10.1.2.3:80', '999.1.1.1:7400', 'host.lan:7400'].map((host) =>
      lets(everywhere, host),
    ),
    [true, true, false, false, false],
  );
  assert.equal(lets(loopback, '10.1.2.3:7400'), false);
});

test('port 80 may be left out, as browsers do', () => {
  assert.equal(lets({ ...loopback, port: 80 }, 'localhost'), true);
  assert.equal(lets(loopback, 'localhost'), false);
});

test('a request without a Host is refused', () => {
  assert.equal(lets(loopback, undefined), false);
  assert.equal(lets(loopback, ''), false);
});

test('configured names count with their port, as browsers write them, in any case', () => {
  const named = { ...loopback, names: ['liftlock.example.org', '10.0.0.7:8443'] };
  assert.equal(lets(named, 'Liftlock.Example.org', 'https://liftlock.example.org'), true);
  assert.equal(lets(named, '10.0.0.7:8443'), true);
  assert.equal(lets(named, 'liftlock.example.org:7400'), false);
  assert.equal(lets(named, 'liftlock.example.org', 'https://liftlock.example.org.evil.example'), false);
});
