import assert from 'node:assert/strict';
import { maxHeaderSize } from 'node:http';
import { describe, test } from 'node:test';
import { createAnswerParser } from './answer-parser.ts';

interface Heard {
  readonly said: unknown[];
  readonly wrong: string | undefined;
}

/** What is heard of an answer that comes in these pieces, `close` after them when the connection ends there. */
function hear(pieces: readonly string[], { isHeadOnly = false, closes = false } = {}): Heard {
  const said: unknown[] = [];
  let body = '';
  const parser = createAnswerParser({
    head: ({ status, raw, keepsOpen }) => said.push([status, raw.join('|'), keepsOpen]),
    data: (bytes) => (body += bytes.toString('latin1')),
    end: () => said.push(body),
  });
  parser.expect(isHeadOnly);
  let wrong: string | undefined;
  for (const piece of pieces) wrong ??= parser.read(Buffer.from(piece, 'latin1'));
  if (closes) parser.close();
  parser.free();
  return { said, wrong };
}

const known = 'HTTP/1.1 200 OK\r\nX-Empty: \r\nX-Said: one two\r\nX-Latin: \xe9\r\nContent-Length: 5\r\n\r\nhello';
const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: late\r\n\r\n';
const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: here\r\n\r\n';

describe('answers of instances', () => {
  for (const { name, answer, said } of [
    {
      name: 'of known length',
      answer: known,
      said: [[200, 'X-Empty||X-Said|one two|X-Latin|\xe9|Content-Length|5', true], 'hello'],
    },
    { name: 'in chunks', answer: chunked, said: [[200, 'Transfer-Encoding|chunked', true], 'hello'] },
    {
      name: 'after those that only say that it follows',
      answer: `${interim}${known}`,
      said: [
        [100, '', true],
        [103, 'Link|here', true],
        [200, 'X-Empty||X-Said|one two|X-Latin|\xe9|Content-Length|5', true],
        'hello',
      ],
    },
  ])
    test(`${name}: heard the same, wherever it is cut into two`, () => {
      for (let cut = 0; cut <= answer.length; cut++)
        assert.deepEqual(hear([answer.slice(0, cut), answer.slice(cut)]), { said, wrong: undefined }, `at ${cut}`);
      assert.deepEqual(hear([...answer]), { said, wrong: undefined }, 'byte by byte');
    });

  test('one without a length ends with its connection, one that is cut short does not end', () => {
    const open = 'HTTP/1.1 200 OK\r\n\r\nhel';
    assert.deepEqual(hear([open, 'lo']).said, [[200, '', false]]);
    assert.deepEqual(hear([open, 'lo'], { closes: true }).said, [[200, '', false], 'hello']);
    for (const whole of [known, chunked])
      assert.equal(hear([whole.slice(0, -3)], { closes: true }).said.length, 1, 'its head alone');
  });

  test('some have no body, whatever they say about it', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n';
    assert.deepEqual(hear([head], { isHeadOnly: true }).said, [[200, 'Content-Length|60', true], '']);
    assert.deepEqual(hear(['HTTP/1.1 304 Not Modified\r\nContent-Length: 60\r\n\r\n']).said.at(-1), '');
  });

  test('what follows one is none, and is not heard', () => {
    const { said, wrong } = hear([`${known}${known}`]);
    assert.equal(said.length, 2);
    assert.notEqual(wrong, undefined);
  });

  test('what is not HTTP is refused, and so is a head without end', () => {
    for (const bytes of [
      'SSH-2.0-OpenSSH_9.2\r\n',
      'HTTP/1.1 200 OK\r\nNo colon\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
      `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(maxHeaderSize)}\r\n\r\n`,
    ]) {
      const { said, wrong } = hear([bytes]);
      assert.deepEqual([said, typeof wrong], [[], 'string'], bytes.slice(0, 60));
    }
  });
});
