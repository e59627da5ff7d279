import { NANOS_PER_UNIT } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Restatement } from './restate.ts';

const APPLE = [
  { exDate: '2020-08-31', numerator: 4, denominator: 1 },
  { exDate: '2014-06-09', numerator: 7, denominator: 1 },
];
/** As Yahoo hands a price out: divided, cut to six decimals, as a float of 24 bits. */
const told = (raw: number, factor: number) => Math.fround(Number((raw / factor).toFixed(6)));

describe('prices of Yahoo', () => {
  it('are restated by the splits after their date alone', () => {
    const restated = new Restatement(APPLE);
    expect(restated.factorOn('2014-06-06')).toBe(28);
    expect(restated.factorOn('2014-06-09')).toBe(4);
    expect(restated.factorOn('2020-08-31')).toBe(1);
    expect(restated.priceOn('2014-06-06', 23.056072)).toBe(645.57 * NANOS_PER_UNIT);
    expect(restated.volumeOn('2014-06-06', 349_938_400)).toBe(12_497_800);
    expect(restated.cashOn('2014-05-08', 0.1175)).toBe(3.29 * NANOS_PER_UNIT);
  });

  it('are to the cent what was traded, whatever the splits', () => {
    const split = fc.record({
      numerator: fc.integer({ min: 1, max: 20 }),
      denominator: fc.integer({ min: 1, max: 20 }),
    });
    const cents = fc.integer({ min: 100, max: 5_000_000 });
    fc.assert(
      fc.property(cents, fc.array(split, { maxLength: 3 }), (price, splits) => {
        const dated = splits.map((one, at) => ({ ...one, exDate: `202${at}-01-02` }));
        const restated = new Restatement(dated);
        const factor = restated.factorOn('2019-12-31');
        fc.pre(factor < 1_000 && factor > 0.01);
        const nanos = restated.priceOn('2019-12-31', told(price / 100, factor));
        expect(nanos).toBe(price * 10_000_000);
      }),
    );
  });

  it('keep sixteenths and parts of a cent where Yahoo has them', () => {
    const restated = new Restatement([{ exDate: '2003-02-18', numerator: 2, denominator: 1 }]);
    expect(restated.priceOn('1999-01-04', told(25.5625, 2))).toBe(25_562_500_000);
    expect(new Restatement([]).priceOn('2024-01-02', Math.fround(0.1234))).toBe(123_400_000);
  });
});
