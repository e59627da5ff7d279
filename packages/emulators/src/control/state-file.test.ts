import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { askerOf, startAt } from '../alpaca/alpaca-sdk.test-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'emulator-state-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MARKET = { symbol: 'AAPL', qty: '2', side: 'buy', type: 'market', time_in_force: 'day' };
const READS = ['/v2/account', '/v2/positions', '/v2/orders?status=all', '/v2/account/activities'];

it('brings back accounts, orders, fills and faults of the exchange, and lets the client ids stay taken', async () => {
  const stateFile = join(folder, 'alpaca.jsonl');
  const options = { symbols: ['AAPL', 'SPY'], stateFile };
  const first = await startAt(options);
  const ask = askerOf(first);
  first.control.fault({ kind: 'thin', symbol: 'AAPL', units: 1 });
  await ask('POST', '/v2/orders', { ...MARKET, client_order_id: 'mine' });
  first.control.step({ seconds: 12 });
  await ask('POST', '/v2/orders', { ...MARKET, symbol: 'SPY', type: 'limit', limit_price: '1' });
  first.control.post({ kind: 'cash', type: 'INT', amount: 1.25 });
  first.control.fault({ kind: 'halted', symbol: 'SPY' });
  first.control.step({ minutes: 1 });
  const before = await Promise.all(READS.map(async (path) => (await ask('GET', path)).body));
  await first.close();
  // A line that was cut as the process died.
  appendFileSync(stateFile, '{"atUs":1767625');
  const second = await startAt(options);
  const askAgain = askerOf(second);
  expect(second.control.nowUs()).toBe(Date.parse('2026-01-05T15:01:12Z') * 1_000);
  const after = await Promise.all(READS.map(async (path) => (await askAgain('GET', path)).body));
  expect(after).toEqual(before);
  expect(second.control.faults()).toEqual([{ kind: 'halted', symbol: 'SPY' }]);
  const again = await askAgain('POST', '/v2/orders', { ...MARKET, client_order_id: 'mine' });
  expect(again.body.code).toBe(40010001);
  await askAgain('POST', '/v2/orders', MARKET);
  second.control.step({ seconds: 6 });
  await second.close();
  const third = await startAt(options);
  expect((await askerOf(third)('GET', '/v2/positions/AAPL')).body.qty).toBe('4');
  await third.close();
});

it('refuses a file of other settings, of something else, and of a folder that is not there', async () => {
  const stateFile = join(folder, 'other.jsonl');
  const first = await startAt({ symbols: ['AAPL'], stateFile });
  await first.close();
  const refused = { code: 'EMULATOR.STATE' };
  await expect(startAt({ symbols: ['AAPL'], stateFile, seed: 2 })).rejects.toMatchObject(refused);
  await expect(startAt({ symbols: ['SPY'], stateFile })).rejects.toThrow(/1 symbols \(AAPL…\)/);
  writeFileSync(stateFile, 'not json\n');
  await expect(startAt({ symbols: ['AAPL'], stateFile })).rejects.toMatchObject(refused);
  expect(readFileSync(stateFile, 'utf8')).toBe('not json\n');
  const nowhere = join(folder, 'nowhere', 'x.jsonl');
  await expect(startAt({ symbols: ['AAPL'], stateFile: nowhere })).rejects.toMatchObject(refused);
});
