import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkConfig, prepareRun } from './prepare.ts';
import { Runner } from './run-one.ts';

const CONFIG = join(import.meta.dirname, '../../../../configs/daily-with-actions.yaml');

it('carries a trade through a split and its dividends: net profits add up to what the ledger gained', async () => {
  const checked = await checkConfig({
    file: CONFIG,
    overrides: [
      { path: ['strategy'], value: 'ma-cross', origin: '' },
      { path: ['params'], value: { fast: 1, slow: 60 }, origin: '' },
      { path: ['sizing'], value: { kind: 'fixedQuantity', quantity: 101 }, origin: '' },
    ],
  });
  const prepared = await prepareRun(checked, false);
  const { config, strategy, data, first } = prepared;
  const { trips, result, spec } = new Runner({ run: config.run, strategy, ...data }).run(first);
  const { closed, open } = trips;
  const buys = [...result.fills.side.subarray(0, result.fills.count)].filter((side) => side > 0);
  expect(closed.count + open.length).toBe(buys.length);
  let net = 0;
  for (let row = 0; row < closed.count; row += 1) {
    net += (closed.grossMicros[row] ?? 0) - (closed.feesMicros[row] ?? 0);
  }
  expect(open).toEqual([]);
  expect(net).toBe(result.finalCashMicros - spec.cashMicros);
});
