import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { polygonEndpoints, readPolygonKey } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'polygon-key-'));
const path = join(folder, 'key');
afterEach(() => rmSync(path, { force: true }));

it('takes the key from its variable, and prints it masked', () => {
  const key = readPolygonKey({ POLYGON_API_KEY: ' abcdefgh ' });
  expect(key.reveal()).toBe('abcdefgh');
  expect(`${key} ${JSON.stringify({ key })}`).toBe('abcd… {"key":"abcd…"}');
  expect(key.source).toBe('POLYGON_API_KEY');
});

it('takes it from a mounted file, and a rotated one anew', () => {
  writeFileSync(path, 'first\n');
  const key = readPolygonKey({ POLYGON_API_KEY_FILE: path });
  expect(key.reveal()).toBe('first');
  expect(key.refresh()).toBe(false);
  writeFileSync(path, 'second\n');
  expect(key.refresh()).toBe(true);
  rmSync(path);
  expect(key.refresh()).toBe(false);
  expect(key.reveal()).toBe('second');
});

it('says what is missing', () => {
  expect(() => readPolygonKey({ POLYGON_API_KEY: '' })).toThrow(/POLYGON_API_KEY is not set/);
});

it('knows the hosts of the vendor, and takes others', () => {
  expect(polygonEndpoints({})).toEqual({
    url: 'https://api.polygon.io',
    stocksStreamUrl: 'wss://socket.polygon.io/stocks',
    optionsStreamUrl: 'wss://socket.polygon.io/options',
    indicesStreamUrl: 'wss://socket.polygon.io/indices',
  });
  const massive = polygonEndpoints({
    POLYGON_BASE_URL: 'https://api.massive.com/',
    POLYGON_STOCK_WS_URL: 'wss://delayed.massive.com/stocks',
  });
  expect(massive.url).toBe('https://api.massive.com');
  expect(massive.stocksStreamUrl).toBe('wss://delayed.massive.com/stocks');
  for (const bad of ['api.polygon.io', 'ftp://x', 'https://user:pass@x', 'https://x?apiKey=1']) {
    expect(() => polygonEndpoints({ POLYGON_BASE_URL: bad }), bad).toThrow(/POLYGON_BASE_URL/);
  }
});
