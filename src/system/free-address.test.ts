import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { isFree, obstacleAt } from './free-address.ts';

const host = '127.0.0.1';

test('an address at which somebody listens is taken, and the reason is told', async () => {
  const server = createServer();
  await once(server.listen(0, host), 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    assert.equal(await isFree({ host, port }), false);
    assert.equal((await obstacleAt({ host, port }))?.code, 'EADDRINUSE');
  } finally {
    server.close();
  }
});

test('one that is free is left free by the question', async () => {
  assert.equal(await isFree({ host, port: 0 }), true);
  assert.equal(await obstacleAt({ host, port: 0 }), undefined);
});

test('an address that this machine does not have is in nobody’s use, and yet none to listen at', async () => {
  assert.equal((await obstacleAt({ host: '192.0.2.1', port: 0 }))?.code, 'EADDRNOTAVAIL');
});
