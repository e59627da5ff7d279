import { expect, it } from 'vitest';
import { settingsOf } from './settings-of.ts';
import { reportInputOf } from './test-report-world.ts';

const { spec } = reportInputOf({ sessions: 1 });
const valuesOf = (over: Partial<typeof spec>) =>
  Object.fromEntries(
    settingsOf({ ...spec, ...over }, 3).map(({ name, value }) => [name, value] as const),
  );

it('says in words how a run sized, filled, charged and limited', () => {
  expect(valuesOf({})).toMatchObject({
    Sizing: '40% of equity',
    'Market orders fill': 'at the open of the next bar',
    Commission: '1.00 an order',
    Slippage: '1 bps of the price',
    'Risk limits': 'buying power',
  });
  expect(valuesOf({})).not.toHaveProperty('A daily loss halts');
  expect(
    valuesOf({
      sizing: { kind: 'fixedQuantity', quantity: 1_500 },
      matcher: {
        limitFill: 'touch',
        maxVolumeFraction: 0.1,
        commission: { kind: 'perUnit', feeMicrosPerUnit: 5_000, minimumMicros: 1_000_000 },
        slippage: { kind: 'ticks', slippageTicks: 2 },
      },
    }),
  ).toMatchObject({
    Sizing: '1.5 units an entry',
    'Limit orders fill': 'at the touch',
    'Volume cap': "10.00% of a bar's volume",
    Commission: '0.005 a unit, at least 1.00 an order',
    Slippage: '2 ticks',
  });
});

it('says how an account is spread instead of how orders are sized', () => {
  const values = valuesOf({
    portfolio: {
      weights: { kind: 'momentumRanking', lookbackBars: 20, top: 3, minReturnFraction: 0.01 },
      rebalance: { kind: 'everyBars', bars: 5 },
      maxWeightFraction: 0.25,
    },
  });
  expect(values).toMatchObject({
    Weights: 'the 3 that moved most in 20 bars, above 1.00%',
    Rebalanced: 'every 5 bars',
    'Weights at most': '100.00% of equity in all, 25.00% a symbol',
  });
  expect(values).not.toHaveProperty('Sizing');
});

it('says every limit, those of a bot or symbol under its name', () => {
  const limits = {
    ...spec.limits,
    maxDailyLossFraction: 0.02,
    maxPositions: 3,
    blockedSymbols: ['GME', 'AMC'],
    scopes: [{ symbol: 'AAA', longOnly: true, cooldownUs: 60_000_000 }],
  };
  expect(valuesOf({ limits })['Risk limits']).toBe(
    '2.00% loss a session, buying power, blockedSymbols GME AMC, maxPositions 3, AAA: longOnly true, cooldownSeconds 60',
  );
  const halts = { limits, execution: { ...spec.execution, haltFor: 'run' as const } };
  expect(valuesOf({ limits })['A daily loss halts']).toBe('the session');
  expect(valuesOf(halts)['A daily loss halts']).toBe('the run');
});
