import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserOf } from './browser.ts';

test('a browser is told by its own name, not by those that it claims besides', () => {
  const said: readonly (readonly [string, string | undefined])[] = [
    ['Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36',
      'Chrome on Windows',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      'Safari on iPhone',
    ],
    [
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
      'Samsung Internet on Android',
    ],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)', 'a browser on macOS'],
    ['Firefox/1', 'Firefox'],
    ['curl/8.5.0', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of said) assert.equal(browserOf(text), expected, text);
});

test('nothing of what it said gets through but those words', () => {
  assert.equal(browserOf('<script>alert(1)</script> Firefox/1 (Linux; liftlock@example.org)'), 'Firefox on Linux');
});
