/** How much a browser has to load, of the files as they are sent. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { builtConsole } from './built-console.ts';

const firstLoad = 100_000;
const laterChunk = 60_000;

describe('the built console', () => {
  let folder: string;
  let page: string;
  before(async () => {
    folder = await builtConsole();
    page = readFileSync(join(folder, 'index.html'), 'utf8');
  });

  const sizeOf = (file: string) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length;
  const first = () => [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, file]) => file!);

  test(`loads at most ${firstLoad / 1_000} kB before it shows something`, () => {
    assert.ok(first().length >= 2, page);
    const sizes = Object.fromEntries(['index.html', ...first()].map((file) => [file, sizeOf(file)]));
    const sum = Object.values(sizes).reduce((left, right) => left + right);
    assert.ok(sum > 20_000 && sum <= firstLoad, JSON.stringify({ sum, ...sizes }));
  });

  test(`loads at most ${laterChunk / 1_000} kB for a screen that comes later`, () => {
    const later = readdirSync(join(folder, 'assets'))
      .map((name) => `assets/${name}`)
      .filter((file) => /\.(js|css)$/.test(file) && !first().includes(file));
    assert.ok(later.length > 4, 'screens are loaded when they are wanted');
    for (const file of later) assert.ok(sizeOf(file) <= laterChunk, `${file}: ${sizeOf(file)}`);
  });

  test('has no script or style inside its page, and asks nobody else', () => {
    assert.doesNotMatch(page, /<style|style=|<script(?![^>]*\bsrc="\/assets\/)/);
    assert.doesNotMatch(page, /https?:\/\//);
  });
});
