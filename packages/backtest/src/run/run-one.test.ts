import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOverride } from '../config/config-source.ts';
import { dailyCsv, SMALL_RUN, type TestFolder, testFolder } from '../test-run-folder.ts';
import { checkConfig, prepareRun } from './prepare.ts';
import { Runner } from './run-one.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder();
  await folder.file('run.yaml', SMALL_RUN);
});
afterAll(() => folder.remove());

async function outcomeOf(overrides: readonly string[] = [], file = 'run.yaml') {
  const checked = await checkConfig({
    file: `${folder.path}/${file}`,
    overrides: overrides.map((text) => parseOverride(text)),
  });
  const prepared = await prepareRun(checked, false);
  const { config, strategy, data } = prepared;
  const runner = new Runner({ run: config.run, strategy, ...data });
  return { prepared, outcome: runner.run(checked.first) };
}

describe('a run over generated bars', () => {
  it('trades, is measured against holding, and comes out the same again', async () => {
    const { outcome, prepared } = await outcomeOf();
    const { result, summary, trips } = outcome;
    expect(result.symbols).toEqual(['AAA', 'BBB']);
    expect(result.fills.count).toBeGreaterThan(4);
    expect(trips.closed.count).toBeGreaterThan(1);
    expect(summary.metrics.sessions).toBe(4);
    expect(summary.metrics.benchmarkReturn).toBeDefined();
    const again = await outcomeOf();
    expect(again.outcome.result.digest()).toBe(result.digest());
    expect(again.prepared.data.fingerprint).toBe(prepared.data.fingerprint);
    const other = await outcomeOf(['seed=12']);
    expect(other.prepared.data.fingerprint).not.toBe(prepared.data.fingerprint);
  });

  it('plays only the dates that were asked for, and says what there is where none is left', async () => {
    const { outcome } = await outcomeOf(['end=2024-01-03']);
    expect(outcome.summary.sessions.dates).toEqual(['2024-01-02', '2024-01-03']);
  });

  it('sizes by a notional of its own', async () => {
    const { outcome } = await outcomeOf(['sizing={kind: fixedNotional, notional: 2500.5}']);
    const { fills } = outcome.result;
    expect(fills.count).toBeGreaterThan(0);
    const price = (fills.priceNanos[0] ?? 0) / 1e9;
    expect(Math.abs((fills.quantity[0] ?? 0) * price - 2500.5)).toBeLessThan(1.02 * price);
    await expect(outcomeOf(['sizing={kind: fixedNotional, notional: 0}'])).rejects.toThrow(
      /sizing\.notional.* must be money above 0/,
    );
  });

  it('refuses a quantity that does not trade', async () => {
    await expect(outcomeOf(['sizing={kind: fixedQuantity, quantity: 0.5}'])).rejects.toThrow(
      /'sizing\.quantity' is 0\.5, and only whole units trade/,
    );
  });
});

describe('a run over files', () => {
  const DAYS = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08'];

  it('reads bars and actions of each symbol from its file', async () => {
    await folder.file('DDD.csv', dailyCsv(DAYS));
    await folder.file('EEE.csv', dailyCsv(DAYS, 'EEE'));
    await folder.file('actions.csv', 'symbol,ex_date,kind,value\nEEE,2024-01-04,dividend,1\n');
    await folder.file(
      'files.yaml',
      `provider: files\npath: '{symbol}.csv'\nactions: actions.csv\nsymbols: [EEE, DDD]\ntimeframe: 1d\nstrategy: ma-cross\nparams: { fast: 1, slow: 2 }\n`,
    );
    const { prepared } = await outcomeOf([], 'files.yaml');
    expect(prepared.data.symbols.map(({ series }) => series.actions?.length ?? 0)).toEqual([0, 1]);
    const closes = [...(prepared.data.benchmark?.closes ?? [])];
    expect(closes).toHaveLength(5);
    expect(closes[0]).toBe(1);
    // Both swing alike; EEE is paid 1 on the third day.
    const price = (day: number) => 100 + 10 * Math.round(3 * Math.sin(day / 2));
    expect(closes[1]).toBeCloseTo(price(1) / price(0), 12);
    const own = price(2) / price(0);
    const paid = (price(1) / price(0)) * ((price(2) + 1) / price(1));
    expect(closes[2]).toBeCloseTo((own + paid) / 2, 12);
  });

  it('names the dates there are, and the symbols there are', async () => {
    await expect(outcomeOf(['start=2025-01-01'], 'files.yaml')).rejects.toThrow(
      /no 1d bar from 2025-01-01 to its last\. There are 5 from 2024-01-02 to 2024-01-08/,
    );
    await expect(
      outcomeOf(['path=[DDD.csv, DDD.csv]', 'symbols=[DDD]'], 'files.yaml'),
    ).rejects.toThrow();
  });
});
