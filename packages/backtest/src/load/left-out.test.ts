import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkConfig, prepareRun } from '../run/prepare.ts';

const folder = mkdtempSync(join(tmpdir(), 'capstan-left-out-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOURS = ['09', '10', '11', '12', '13', '14', '15'];
const DAYS = ['2024-01-02', '2024-01-03'];

async function loaded(holds: string) {
  const rows = DAYS.flatMap((day) => HOURS.map((hour) => `${day} ${hour}:00:00,10,11,9,10,5`));
  writeFileSync(join(folder, 'bars.csv'), ['time,open,high,low,close,volume', ...rows].join('\n'));
  const file = join(folder, `${holds}.yaml`);
  writeFileSync(
    file,
    `provider: files
path: bars.csv
file: { symbol: AAA, timeZone: America/New_York, holds: ${holds} }
timeframe: 1h
strategy: ma-cross
`,
  );
  const { data } = await prepareRun(await checkConfig({ file }), false);
  const bars = data.symbols.map(({ series }) => series.bars.endUs.length);
  return { bars, notes: data.notes.map(({ text }) => text).join('\n') };
}

it('bars of the clock across the open are left out, told first, and with what keeps them', async () => {
  const { bars, notes } = await loaded('all');
  expect(bars).toEqual([12]);
  expect(notes).toMatch(
    /^2 bars outside the regular session were left out, .*file\.holds: regular/,
  );
});

it('or cut to the session, where they hold it alone', async () => {
  const { bars, notes } = await loaded('regular');
  expect(bars).toEqual([14]);
  expect(notes).not.toMatch(/left out/);
});
