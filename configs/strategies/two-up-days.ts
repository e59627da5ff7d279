/*
 * A strategy of your own: copy this file, change it, and run it.
 *
 *   capstan backtest --config configs/own-strategy.yaml --strategy ./my-strategy.ts
 *   capstan lookahead ./my-strategy.ts       does it know the future?
 *
 * `params` are what a run may set and a sweep may vary, each with its bounds. `indicators` names what `decide` is given, a number
 * each, as of the bar that has just closed. `update` keeps a little state, plain data, for each symbol. `decide` says what to hold
 * from now on: long, short or flat; or nothing, and then nothing changes. It never sees a later bar, nor the account: how much is
 * bought is the matter of `sizing`. The same file runs in a backtest, on paper and live.
 */
import { rateOfChange } from '@capstan/indicators';
import { defineStrategy, ofField } from '@capstan/strategy';

export default defineStrategy({
  name: 'two-up-days',
  title: 'Two up days',
  description: 'Buys after so many rising closes in a row, and leaves after the first falling one.',
  params: {
    days: { type: 'integer', min: 1, max: 20, default: 2, description: 'Rising closes in a row.' },
  },
  indicators: () => ({ change: ofField(rateOfChange, { period: 1 }, 'close') }),
  initialState: { risen: 0 },
  update: ({ change }, { risen }) => ({ risen: change > 0 ? risen + 1 : 0 }),
  decide: ({ change }, { risen }, { params }) => {
    if (risen >= params.days) {
      return { direction: 'long', strength: 1, reason: () => `${risen} rising closes in a row` };
    }
    if (change < 0) return { direction: 'flat', strength: 0, reason: 'a falling close' };
    return undefined;
  },
});
