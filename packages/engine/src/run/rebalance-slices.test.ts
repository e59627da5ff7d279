import { dayNumber, newYorkTimeUs } from '@capstan/calendar';
import type { RebalanceRule } from '@capstan/portfolio';
import { expect, it } from 'vitest';
import { rebalanceSlices } from './rebalance-slices.ts';
import { calendarOf } from './test-run-world.ts';

const CLOSE = 16 * 60;
/** The end of a morning bar and of the last bar of five sessions: Thursday and Friday, Monday and Tuesday, the Monday after. */
const timelineUs = Float64Array.from(
  ['2024-06-27', '2024-06-28', '2024-07-01', '2024-07-02', '2024-07-08'].flatMap((date) =>
    [11 * 60, CLOSE].map((minute) => newYorkTimeUs(dayNumber(date), minute)),
  ),
);

it.each<readonly [RebalanceRule, readonly number[]]>([
  [{ kind: 'onSignal' }, []],
  [{ kind: 'everyBars', bars: 4 }, [0, 4, 8]],
  [{ kind: 'daily' }, [0, 2, 4, 6, 8]],
  [{ kind: 'weekly' }, [0, 4, 8]],
  [{ kind: 'monthly' }, [0, 4]],
])('%j falls due at the first slices of its periods', (rule, slices) => {
  expect([...rebalanceSlices(rule, timelineUs, calendarOf('XNYS'))]).toEqual(slices);
});
