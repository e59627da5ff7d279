import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runCli } from '../program.ts';

const folder = mkdtempSync(join(tmpdir(), 'emulate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  readonly url: string;
  readonly text: string;
  /** Ends it as a reader that goes away does; resolves with its exit code and what it says last. */
  end(): Promise<{ code: number; said: string }>;
}

async function run(...args: readonly string[]): Promise<Running> {
  const closed = new AbortController();
  let code: Promise<number> | undefined;
  let said = '';
  const text = await new Promise<string>((resolve) => {
    const output = {
      out: resolve,
      err: (line: string) => {
        said += line;
        resolve(line);
      },
      ...{ isTerminal: false, closed: closed.signal },
    };
    code = runCli(['emulate', 'alpaca', '--port', '0', ...args], output);
  });
  const end = async () => {
    closed.abort();
    return { code: (await code) ?? -1, said };
  };
  return { text, url: /http:\S+\d/.exec(text)?.[0] ?? '', end };
}

it('says what to put into the environment, and serves by it until it is ended', async () => {
  const state = join(folder, 'alpaca.jsonl');
  const running = await run(
    '--stepped',
    '--start',
    '2026-01-05T09:30',
    '--symbols',
    'acme,SPY',
    '--state',
    state,
  );
  expect(running.text).toMatch(/the market is open/);
  const keys = /ALPACA_KEY_ID=(\S+)\s+ALPACA_SECRET_KEY=(\S+)\s+ALPACA_BASE_URL=(\S+)/.exec(
    running.text,
  );
  const [, keyId = '', secret = '', url = ''] = keys ?? [];
  expect(url).toBe(running.url);
  const headers = { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret };
  const answer = await fetch(`${url}/v2/assets`, { headers });
  const assets = (await answer.json()) as { symbol: string }[];
  expect(assets.map(({ symbol }) => symbol)).toEqual(['ACME', 'SPY']);
  const clock = await fetch(`${url}/v2/clock`, { headers });
  expect(await clock.json()).toMatchObject({ timestamp: '2026-01-05T09:30:00-05:00' });
  const { code, said } = await running.end();
  expect([code, said]).toEqual([0, `ended; ${state} keeps its state`]);
  expect(existsSync(state)).toBe(true);
  await expect(fetch(`${url}/v2/clock`)).rejects.toThrow();
});

it.each([
  [['--start', 'yesterday'], /New York's time/],
  [['--start', '2026-01-05T01:00'], /03:00 to 23:59/],
  [['--speed', '0'], /a number such as 60/],
  [['--plan', 'gold'], /free, paid/],
  [['--symbols', 'AAPL,,SPY'], /a list such as/],
  [['--start', '1999-01-04'], /2016-01-04 to 2031-12-31/],
])('refuses %j and says what it takes', async (args, message) => {
  const running = await run(...args);
  const { code, said } = await running.end();
  expect(said).toMatch(message);
  expect(code).toBe(args[1] === '1999-01-04' ? 1 : 2);
});
