import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCalendar } from '@capstan/calendar';
import { timeUs } from '@capstan/domain';
import { type PolygonEmulator, startPolygonEmulator } from '@capstan/emulators';
import { Lake, TickStore } from '@capstan/lake';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runCli } from '../program.ts';

const calendar = getCalendar('XNYS');
const NOW_US = timeUs(calendar.session('2026-01-08')?.openUs ?? 0);
const FROM_US = calendar.session('2026-01-05')?.openUs ?? 0;
const TO_US = calendar.session('2026-01-06')?.closeUs ?? 0;
const folder = mkdtempSync(join(tmpdir(), 'capstan-fetch-polygon-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let emulator: PolygonEmulator;
beforeEach(async () => {
  emulator = await startPolygonEmulator({
    nowUs: NOW_US,
    keys: ['canary-key'],
    world: {
      seed: 21,
      calendar,
      startDate: '2026-01-02',
      symbols: [
        { symbol: 'QQQ', startPrice: 500 },
        { symbol: 'SPY', startPrice: 600 },
      ],
      splits: [{ symbol: 'SPY', exDate: '2026-01-06', newUnits: 2, oldUnits: 1 }],
    },
  });
  vi.stubEnv('POLYGON_API_KEY', 'canary-key');
  vi.stubEnv('POLYGON_BASE_URL', emulator.url);
  vi.stubEnv('POLYGON_S3_ENDPOINT', emulator.s3Url);
  vi.stubEnv('POLYGON_S3_ACCESS_KEY_ID', 'demo-access');
  vi.stubEnv('POLYGON_S3_SECRET_ACCESS_KEY', 'canary-secret');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await emulator.close();
});

async function fetched(lake: string, ...lines: readonly string[]) {
  const path = join(folder, 'fetch.yaml');
  const keys = new Set(lines.map((line) => line.split(':')[0]));
  const usual = ['symbols: [QQQ, SPY]', 'start: 2026-01-05', 'end: 2026-01-06'];
  const rest = usual.filter((line) => !keys.has(line.split(':')[0]));
  writeFileSync(path, [...lines, 'venue: POLYGON', 'timeframe: 1m', ...rest].join('\n'));
  const said = { out: '', err: '' };
  const code = await runCli(['fetch', '--config', path, '--lake', join(folder, lake)], {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    isTerminal: false,
  });
  return { code, ...said };
}

it("fetches the same bars from Polygon's interface and from its flat files, actions and ticks beside", async () => {
  const rest = await fetched('rest', 'provider: polygon');
  expect(rest).toMatchObject({ code: 0, err: '' });
  const before = emulator.control.requests.length;
  const files = await fetched('files', 'provider: polygon-flat-files', 'ticks: [trades]');
  expect(files).toMatchObject({ code: 0, err: '' });
  const [first, second] = await Promise.all(
    ['rest', 'files'].map(async (name) => {
      const lake = new Lake(join(folder, name));
      return Promise.all((await lake.list()).map((one) => lake.read(one)));
    }),
  );
  expect(first?.map(({ fingerprint }) => fingerprint)).toEqual(
    second?.map(({ fingerprint }) => fingerprint),
  );
  const qqq = emulator.world.minutes('QQQ', FROM_US - 3_600_000_000, TO_US + 3_600_000_000);
  expect([...(second?.[0]?.bars.closeNanos ?? [])]).toEqual(
    qqq.map(({ closeNanos }) => closeNanos),
  );
  const asked = emulator.control.requests.slice(before).filter((path) => path.includes('.csv.gz'));
  expect(
    asked.filter((path) => path.includes('minute_aggs')),
    'each day once',
  ).toHaveLength(2);
  const ticks = new TickStore(join(folder, 'files'));
  const series = { venue: 'POLYGON', symbol: 'SPY', kind: 'trades' } as const;
  const trades = await ticks.read(series, '2026-01-05');
  const day = calendar.session('2026-01-06')?.openUs ?? 0;
  const expected = emulator.world.trades('SPY', FROM_US - 3_600_000_000, day - 3_600_000_000);
  expect(trades).toEqual(expected.map(({ sequence: _, ...trade }) => trade));
  expect(files.out).toContain('trades: ');
  const again = await fetched('files', 'provider: polygon-flat-files', 'ticks: [trades]');
  expect(again.out).toContain('trades: nothing was missing');
});

it('comes to the same whatever passes on the way, from the interface and from files', async () => {
  for (const provider of ['polygon', 'polygon-flat-files']) {
    const path = provider === 'polygon' ? '/v2/aggs' : '.csv.gz';
    const asked = () => emulator.control.requests.filter((one) => one.includes(path)).length;
    const before = asked();
    await fetched(`calm ${provider}`, `provider: ${provider}`);
    const each = asked() - before;
    emulator.control.inject({ fault: { kind: 'status', status: 503 }, path });
    emulator.control.inject({ fault: { kind: 'truncated' }, path });
    const { code, err } = await fetched(`stormy ${provider}`, `provider: ${provider}`);
    expect([code, err, asked()]).toEqual([0, '', before + each + each + 2]);
    const [calm, stormy] = await Promise.all(
      ['calm', 'stormy'].map((name) => new Lake(join(folder, `${name} ${provider}`)).list()),
    );
    expect(calm).toHaveLength(2);
    expect(stormy?.map(({ fingerprint }) => fingerprint)).toEqual(
      calm?.map(({ fingerprint }) => fingerprint),
    );
  }
});

it('tells an unknown symbol, a span without data, a plan that lacks it and a vendor that stays down by their names', async () => {
  const { inject, clearFaults } = emulator.control;
  const unknown = await fetched('unknown', 'provider: polygon', 'symbols: [QQQ, NOPE]');
  expect(unknown.code).toBe(1);
  expect(unknown.out).toMatch(/QQQ +fetched.*NOPE: .*NOPE.*\[MARKET\.SYMBOL\]/s);
  const weekend = await fetched(
    'weekend',
    'provider: polygon',
    'start: 2026-01-03',
    'end: 2026-01-04',
  );
  expect(weekend.code).toBe(0);
  expect(weekend.out).toMatch(/QQQ +no bars in the span/);
  inject({ fault: { kind: 'status', status: 403 }, path: '/v2/aggs', times: 9 });
  const plan = await fetched('plan', 'provider: polygon');
  expect([plan.code, plan.err]).toEqual([1, expect.stringMatching(/\[MARKET\.ENTITLEMENT\]/)]);
  clearFaults();
  inject({ fault: { kind: 'truncated' }, path: '/v2/aggs', times: 99 });
  const cut = await fetched('cut', 'provider: polygon');
  expect([cut.code, cut.out]).toEqual([1, expect.stringMatching(/QQQ: .*\[MARKET\.ANSWER\]/)]);
});

it('says what is wrong with the keys, and shows none', async () => {
  emulator.control.setKey('canary-key', false);
  vi.stubEnv('POLYGON_S3_ACCESS_KEY_ID', 'wrong');
  for (const provider of ['polygon', 'polygon-flat-files']) {
    const { code, out, err } = await fetched('wrong', `provider: ${provider}`);
    expect(code).toBe(1);
    expect(err).toMatch(/POLYGON_(API_KEY|S3_ACCESS_KEY_ID)/);
    expect(out + err).not.toContain('canary');
  }
});
