import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { alpacaEndpoints } from './connection.ts';
import { readAlpacaCredentials } from './credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'alpaca-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('keys', () => {
  it('come from either name of the id, from variables or mounted files', () => {
    const named = readAlpacaCredentials({ ALPACA_API_KEY: 'PKONE', ALPACA_SECRET_KEY: 's1' });
    expect(named.reveal()).toEqual({ keyId: 'PKONE', secretKey: 's1' });
    const mounted = readAlpacaCredentials({
      ALPACA_KEY_ID: '',
      ALPACA_KEY_ID_FILE: file('id', 'PKTWO\n'),
      ALPACA_SECRET_KEY_FILE: file('secret', 's2\n'),
    });
    expect(mounted.reveal()).toEqual({ keyId: 'PKTWO', secretKey: 's2' });
    const second = readAlpacaCredentials({ FUND_KEY_ID: 'PKTHREE', FUND_SECRET_KEY: 's3' }, 'FUND');
    expect(second.reveal().keyId).toBe('PKTHREE');
  });

  it.each([
    [{}, /ALPACA_KEY_ID and ALPACA_SECRET_KEY are not set/],
    [{ ALPACA_KEY_ID: 'PK' }, /missing: ALPACA_SECRET_KEY is not set/],
    [{ ALPACA_KEY_ID: 'PK', ALPACA_SECRET_KEY_FILE: '/nowhere/key' }, /\/nowhere\/key.*ENOENT/],
  ])('that are missing are named: %o', (environment, message) => {
    expect(() => readAlpacaCredentials(environment)).toThrow(message);
  });

  it.each(['two\nlines', 'with space', 'with “quotes”'])(
    'that no header can carry are refused without being shown: %j',
    (secret) => {
      const read = () => readAlpacaCredentials({ ALPACA_KEY_ID: 'PK', ALPACA_SECRET_KEY: secret });
      expect(read).toThrow(/ALPACA_SECRET_KEY holds spaces, several lines/);
      expect(read).not.toThrow(secret);
    },
  );

  it('that are rotated in their file are taken when asked, and a file that is gone changes nothing', () => {
    const path = file('rotated', 'old');
    const keys = readAlpacaCredentials({ ALPACA_KEY_ID: 'PK', ALPACA_SECRET_KEY_FILE: path });
    expect(keys.refresh()).toBe(false);
    rmSync(path);
    expect(keys.refresh()).toBe(false);
    expect(keys.reveal().secretKey).toBe('old');
    writeFileSync(path, 'new');
    expect(keys.refresh()).toBe(true);
    expect(keys.reveal().secretKey).toBe('new');
  });

  it('print as four characters of the id, however they are printed', () => {
    const keys = readAlpacaCredentials({
      ALPACA_KEY_ID: 'PKCANARYID',
      ALPACA_SECRET_KEY: 'canary-secret',
    });
    const printed = [String(keys), JSON.stringify({ keys }), inspect(keys, { depth: 9 })];
    expect(printed.join()).not.toMatch(/CANARY|canary/);
    expect(String(keys)).toBe('PKCA…');
  });
});

describe('addresses', () => {
  it("are Alpaca's own of the mode", () => {
    expect(alpacaEndpoints({}, 'paper')).toEqual({
      tradingUrl: 'https://paper-api.alpaca.markets',
      tradingStreamUrl: 'wss://paper-api.alpaca.markets/stream',
      dataUrl: 'https://data.alpaca.markets',
      dataStreamUrl: 'wss://stream.data.alpaca.markets',
    });
    expect(alpacaEndpoints({}, 'live').tradingUrl).toBe('https://api.alpaca.markets');
  });

  it("may be an emulator's", () => {
    const environment = {
      ALPACA_BASE_URL: 'http://127.0.0.1:9999/v2/',
      ALPACA_DATA_URL: 'http://127.0.0.1:9999',
      ALPACA_DATA_STREAM_URL: 'ws://127.0.0.1:9999',
    };
    expect(alpacaEndpoints(environment, 'paper')).toEqual({
      tradingUrl: 'http://127.0.0.1:9999',
      tradingStreamUrl: 'ws://127.0.0.1:9999/stream',
      dataUrl: 'http://127.0.0.1:9999',
      dataStreamUrl: 'ws://127.0.0.1:9999',
    });
  });

  it.each([
    ['paper', 'https://api.alpaca.markets', /live trading.*mode: paper/],
    ['live', 'https://paper-api.alpaca.markets/v2', /paper trading.*mode: live/],
    ['paper', 'paper-api.alpaca.markets', /ALPACA_BASE_URL is no address/],
    ['paper', 'https://me:secret@host', /^(?!.*secret).*without a user, a password/],
  ] as const)('of %s that are %s are refused', (mode, url, message) => {
    expect(() => alpacaEndpoints({ ALPACA_BASE_URL: url }, mode)).toThrow(message);
  });
});
