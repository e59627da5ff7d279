import { type OptionContract, priceNanos } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseNearMoney, type NearMoneyChoice } from './near-money.ts';

const UNIT = 1_000_000_000;

function contract(strike: number, right: 'call' | 'put', expiration: string): OptionContract {
  return {
    symbol: `X${expiration.slice(2).replaceAll('-', '')}${right === 'call' ? 'C' : 'P'}${strike}`,
    underlying: 'X',
    right,
    expiration,
    strikeNanos: priceNanos(strike * UNIT),
    multiplier: 100,
    style: 'american',
  };
}

const chainOf = (strikes: readonly number[], expirations: readonly string[]) =>
  expirations.flatMap((expiration) =>
    strikes.flatMap((strike) =>
      (['put', 'call'] as const).map((right) => contract(strike, right, expiration)),
    ),
  );

const EVEN = chainOf(
  Array.from({ length: 101 }, (_, at) => 450 + at),
  ['2026-01-07', '2026-01-06', '2026-01-05'],
);
const asked = { contracts: EVEN, fromExpiration: '2026-01-06', strikes: 2 };
const at = (price: number, before?: NearMoneyChoice) =>
  chooseNearMoney({ ...asked, priceNanos: priceNanos(Math.round(price * UNIT)), before });

describe('options around the money', () => {
  it('are those of the nearest expiry that is not over, by strike, a call before its put', () => {
    const choice = at(500.2);
    expect(choice?.expiration).toBe('2026-01-06');
    expect(choice?.contracts.map(({ strikeNanos, right }) => [strikeNanos / UNIT, right])).toEqual(
      [498, 499, 500, 501, 502].flatMap((strike) => [
        [strike, 'call'],
        [strike, 'put'],
      ]),
    );
    expect(
      chooseNearMoney({ ...asked, fromExpiration: '2026-01-08', priceNanos: priceNanos(1) }),
    ).toBeUndefined();
  });

  it('stay while the price goes to and fro between two strikes, and follow once it has gone', () => {
    const first = at(500.2);
    expect(at(500.74, first)).toBe(first);
    expect(at(499.26, first)).toBe(first);
    const moved = at(500.76, first);
    expect(moved?.centreNanos).toBe(501 * UNIT);
    expect(at(500.26, moved)).toBe(moved);
    expect(at(520, first)?.centreNanos).toBe(520 * UNIT);
  });

  it('are fewer to one side at the end of the chain', () => {
    expect(at(450)?.contracts).toHaveLength(6);
    expect(at(9)?.centreNanos).toBe(450 * UNIT);
  });

  it('always have a middle near the price, whatever the strikes and the way it came', () => {
    const strikes = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), {
      minLength: 1,
      maxLength: 40,
    });
    const prices = fc.array(fc.double({ min: 0.01, max: 500, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(strikes, prices, fc.nat(5), (listed, path, width) => {
        const contracts = chainOf(listed, ['2026-01-06']);
        let before: NearMoneyChoice | undefined;
        for (const price of path) {
          const nanos = priceNanos(Math.round(price * UNIT));
          const choice = chooseNearMoney({
            ...asked,
            contracts,
            strikes: width,
            priceNanos: nanos,
            before,
          });
          const centre = choice?.centreNanos ?? Number.NaN;
          const away = (strike: number) => Math.abs(strike - nanos);
          const nearest = Math.min(...listed.map((strike) => away(strike * UNIT)));
          // Three quarters of the way from the middle to the nearest strike, at the most.
          expect(away(centre) - nearest).toBeLessThanOrEqual(0.5 * (away(centre) + nearest));
          const again = chooseNearMoney({
            ...asked,
            contracts,
            strikes: width,
            priceNanos: nanos,
            before: choice,
          });
          expect(again).toBe(choice);
          expect(choice?.contracts.length).toBeLessThanOrEqual(2 * (2 * width + 1));
          before = choice;
        }
      }),
      { numRuns: 300 },
    );
  });
});
