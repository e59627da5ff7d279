import { type CashMicros, cashMicros, parseCash, quantity } from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { DEFAULT_LIMITS, type RiskLimits, type ScopeLimits } from './limits.ts';
import { intentOf, NOON, type ViewSpec, viewOf } from './risk-view.fixture.ts';

const BOTS = ['a', 'b'];
const SYMBOLS = ['AAA', 'BBB'];
const PRICE = 100_000_000;
const EQUITY = '10000';

type Row = readonly [string, string, number, number, number];

const rows = fc.tuple(
  ...BOTS.flatMap((botId) =>
    SYMBOLS.map((symbol) =>
      fc
        .tuple(
          fc.integer({ min: -12, max: 12 }),
          fc.integer({ min: 0, max: 6 }),
          fc.integer({ min: 0, max: 6 }),
        )
        .map((numbers): Row => [botId, symbol, ...numbers]),
    ),
  ),
);

/** Few limits at a time, so that some intents pass. */
const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const cap = (most: number) =>
  seldom(fc.integer({ min: 5, max: most }).map((units) => cashMicros(units * PRICE)));
const count = (most: number) => seldom(fc.integer({ min: 1, max: most }));

const part: fc.Arbitrary<ScopeLimits> = fc
  .record({
    maxSymbolNotionalMicros: cap(60),
    maxGrossExposureMicros: cap(90),
    maxNetExposureMicros: cap(60),
    maxPositionNotionalMicros: cap(40),
    maxPositionUnits: count(40),
    maxPositionFraction: seldom(fc.constantFrom(0.1, 0.2, 0.4)),
    maxPositions: count(6),
    maxOrderUnits: count(20),
    longOnly: seldom(fc.boolean()),
  })
  .map((limits) => JSON.parse(JSON.stringify(limits)) as ScopeLimits);

const worlds = fc.record({
  rows,
  account: part,
  bot: part,
  symbol: part,
  resize: fc.boolean(),
  intent: fc.record({
    botId: fc.constantFrom(...BOTS),
    symbol: fc.constantFrom(...SYMBOLS),
    side: fc.constantFrom('buy', 'sell'),
    amount: fc.integer({ min: 1, max: 20 }),
  }),
});
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

function limitsOf({ account, bot, symbol, resize }: World): RiskLimits {
  const scopes = [
    { botId: 'a', ...bot },
    { symbol: 'AAA', ...symbol },
  ];
  return { ...DEFAULT_LIMITS, bufferBps: 0, crossing: 'allow', resize, ...account, scopes };
}

/** Every position that the account can come to: each side of what a bot has out in a symbol fills or does not. */
function outcomes(all: readonly Row[]): readonly (readonly Row[])[] {
  return all.reduce<readonly (readonly Row[])[]>(
    (before, [botId, symbol, position, buys, sells]) =>
      before.flatMap((one) =>
        [0, buys]
          .flatMap((bought) => [0, sells].map((sold) => position + bought - sold))
          .map((after): readonly Row[] => [...one, [botId, symbol, after, 0, 0]]),
      ),
    [[]],
  );
}

/** Tells whether limits hold for positions, in a reading of their own: of the rows in scope, and of one bot's in the symbol. */
function holds(limits: ScopeLimits, inScope: readonly Row[], intent: World['intent']): boolean {
  const worth = (row: Row): number => Math.abs(row[2]) * PRICE;
  const sum = (of: readonly Row[], value: (row: Row) => number): number =>
    of.reduce((total, row) => total + value(row), 0);
  const within = (value: number, most: number | undefined): boolean =>
    most === undefined || value <= most;
  const own = inScope.filter((row) => row[0] === intent.botId && row[1] === intent.symbol);
  const size = sum(own, (row) => Math.abs(row[2]));
  return (
    within(sum(inScope, worth), limits.maxGrossExposureMicros) &&
    within(
      sum(
        inScope.filter((row) => row[1] === intent.symbol),
        worth,
      ),
      limits.maxSymbolNotionalMicros,
    ) &&
    within(Math.abs(sum(inScope, (row) => row[2] * PRICE)), limits.maxNetExposureMicros) &&
    within(size * PRICE, limits.maxPositionNotionalMicros) &&
    within(size, limits.maxPositionUnits) &&
    within(size * PRICE, fractionOf(limits)) &&
    within(inScope.filter((row) => row[2] !== 0).length, limits.maxPositions) &&
    (limits.longOnly !== true || intent.side === 'buy' || own.every((row) => row[2] >= 0))
  );
}

function fractionOf({ maxPositionFraction: fraction }: ScopeLimits): number | undefined {
  return fraction === undefined ? undefined : fraction * parseCash(EQUITY);
}

function viewSpec(world: World): ViewSpec {
  const held = world.rows.reduce((sum, row) => sum + row[2], 0) * PRICE;
  return { exposures: world.rows, cashMicros: (parseCash(EQUITY) - held) as CashMicros };
}

let [wholes, parts, reductions] = [0, 0, 0];

it('approves or makes smaller only what leaves every limit held, whatever becomes of all that is out', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const { botId, symbol, side, amount } = world.intent;
      const limits = limitsOf(world);
      const view = viewOf(viewSpec(world));
      const intent = intentOf({
        ...{ botId, symbol },
        side: side as 'buy' | 'sell',
        quantity: quantity(amount),
      });
      const verdict = evaluate(intent, view, limits, NOON);
      if (verdict.kind === 'denied') return;
      const { quantity: given, reducing } = verdict.order;
      if (verdict.kind === 'resized') parts += 1;
      else wholes += 1;
      expect(given).toBeLessThanOrEqual(amount);
      if (reducing) return;
      expect(given).toBeLessThanOrEqual(limits.maxOrderUnits ?? amount);
      const after = world.rows.map((row): Row => {
        if (row[0] !== botId || row[1] !== symbol) return row;
        const [buys, sells] = side === 'buy' ? [given, 0] : [0, given];
        return [row[0], row[1], row[2], row[3] + buys, row[4] + sells];
      });
      const scoped = [
        { limits: world.account, has: () => true },
        ...(botId === 'a' ? [{ limits: world.bot, has: (row: Row) => row[0] === 'a' }] : []),
        ...(symbol === 'AAA'
          ? [{ limits: world.symbol, has: (row: Row) => row[1] === 'AAA' }]
          : []),
      ];
      for (const outcome of outcomes(after)) {
        for (const one of scoped) {
          expect(holds(one.limits, outcome.filter(one.has), world.intent)).toBe(true);
        }
        const gross = outcome.reduce((sum, row) => sum + Math.abs(row[2]), 0) * PRICE;
        expect(gross).toBeLessThanOrEqual(parseCash(EQUITY));
      }
    }),
    { numRuns: 1_500 },
  );
  expect(wholes).toBeGreaterThan(50);
  expect(parts).toBeGreaterThan(20);
});

it('never stops what only reduces, whatever the limits', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const view = viewOf(viewSpec(world));
      for (const [botId, symbol, position, buys, sells] of world.rows) {
        const left = position > 0 ? position - sells : -position - buys;
        if (left <= 0) continue;
        const side = position > 0 ? 'sell' : 'buy';
        const exit = intentOf({ botId, symbol, side, quantity: quantity(left), reducing: true });
        const verdict = evaluate(exit, view, limitsOf(world), NOON);
        expect(verdict).toMatchObject({ kind: 'approved', order: { reducing: true } });
        reductions += 1;
      }
    }),
    { numRuns: 300 },
  );
  expect(reductions).toBeGreaterThan(100);
});
