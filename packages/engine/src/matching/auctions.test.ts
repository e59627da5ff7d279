import { timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { END_REASONS } from './matcher-event.ts';
import { said, TEN_US, testBar, testMatcher, testOrder } from './test-world.ts';

const MINUTE_US = 60_000_000;
const CLOSE_MINUTE = 360;
const minuteOf = (us: number) => (us - TEN_US) / MINUTE_US;
/** Monday 2024-07-08 9:30 in New York, the open after TEN_US's session. */
const MONDAY = minuteOf(Date.UTC(2024, 6, 8, 13, 30) * 1000);
const at = (minute: number) => timeUs(TEN_US + minute * MINUTE_US);

describe('an on-open order', () => {
  const onOpen = { timeInForce: 'onOpen' } as const;

  it('passes over the rest of its session and fills at the open of the next one', () => {
    const matcher = testMatcher({ slippage: { kind: 'ticks', slippageTicks: 2 } });
    matcher.add(testOrder(onOpen));
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 0 }))).toEqual([]);
    expect(matcher.closeSlice(at(CLOSE_MINUTE))).toEqual([]);
    expect(said(matcher.onBar(testBar('105 106 104 105', { minute: MONDAY })))).toEqual([
      `a filled 100 at 105.02, minute ${MONDAY}`,
    ]);
  });

  it('decided at the close or before the open waits for the open that comes', () => {
    for (const minute of [CLOSE_MINUTE, MONDAY - 30, MONDAY]) {
      const matcher = testMatcher();
      matcher.add(testOrder({ ...onOpen, minute }));
      expect(matcher.onBar(testBar('105 106 104 105', { minute: MONDAY }))).toHaveLength(1);
    }
  });

  it('takes the first bar that the session has, also a late one, and no bar before the open', () => {
    const matcher = testMatcher();
    matcher.add(testOrder(onOpen));
    expect(matcher.onBar(testBar('103 103 103 103', { minute: MONDAY - 1 }))).toEqual([]);
    expect(said(matcher.onBar(testBar('105 106 104 105', { minute: MONDAY + 7 })))).toEqual([
      `a filled 100 at 105.00, minute ${MONDAY + 7}`,
    ]);
  });

  it('with a limit fills at the open within it, else is cancelled there', () => {
    const play = (limit: string) => {
      const matcher = testMatcher();
      matcher.add(testOrder({ ...onOpen, limit }));
      return said(matcher.onBar(testBar('105 106 100 105', { minute: MONDAY })));
    };
    expect(play('105')).toEqual([`a filled 100 at 105.00, minute ${MONDAY}`]);
    expect(play('106')).toEqual([`a filled 100 at 105.00, minute ${MONDAY}`]);
    expect(play('104.99')).toEqual([`a cancelled, minute ${MONDAY}: ${END_REASONS.notAtOpen}`]);
  });

  it('is cancelled beyond the volume of that bar, and with a session that has no bar', () => {
    const capped = testMatcher({ maxVolumeFraction: 0.1 });
    capped.add(testOrder(onOpen));
    const bar = testBar('105 106 104 105', { minute: MONDAY, volume: 400 });
    expect(said(capped.onBar(bar))).toEqual([
      `a filled 40 at 105.00, minute ${MONDAY}`,
      `a cancelled, minute ${MONDAY}: ${END_REASONS.notAtOpen}`,
    ]);
    const empty = testMatcher();
    empty.add(testOrder(onOpen));
    expect(said(empty.closeSlice(at(MONDAY + 390)))).toEqual([
      `a cancelled, minute ${MONDAY + 390}: ${END_REASONS.notAtOpen}`,
    ]);
  });

  it('has its exits at work in the whole bar', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ ...onOpen, exits: { target: '106' } }));
    expect(said(matcher.onBar(testBar('105 107 104 105', { minute: MONDAY })))).toEqual([
      `a filled 100 at 105.00, minute ${MONDAY}`,
      'a.target works',
      `a.target filled 100 at 106.00, minute ${MONDAY + 1}`,
    ]);
  });
});

describe('an on-close order', () => {
  const onClose = { timeInForce: 'onClose' } as const;

  it('fills at the close of the session’s last bar alone', () => {
    const matcher = testMatcher({ slippage: { kind: 'ticks', slippageTicks: 2 } });
    matcher.add(testOrder(onClose));
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 0 }))).toEqual([]);
    expect(said(matcher.onBar(testBar('105 106 104 105', { minute: CLOSE_MINUTE - 1 })))).toEqual([
      `a filled 100 at 105.02, minute ${CLOSE_MINUTE}`,
    ]);
  });

  it('follows an early close', () => {
    const matcher = testMatcher();
    const decidedAtUs = Date.UTC(2024, 6, 3, 16, 30) * 1000;
    const lastUs = Date.UTC(2024, 6, 3, 16, 59) * 1000;
    matcher.add(testOrder({ ...onClose, decidedAtUs }));
    expect(matcher.onBar(testBar('100 101 99 100', { startUs: lastUs - MINUTE_US }))).toEqual([]);
    expect(said(matcher.onBar(testBar('105 106 104 104.50', { startUs: lastUs })))).toEqual([
      `a filled 100 at 104.50, minute ${minuteOf(lastUs) + 1}`,
    ]);
  });

  it('decided at a close waits for the next one', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ ...onClose, minute: CLOSE_MINUTE }));
    expect(matcher.closeSlice(at(CLOSE_MINUTE))).toEqual([]);
    const last = testBar('105 106 104 105', { minute: MONDAY + 389 });
    expect(said(matcher.onBar(last))).toEqual([`a filled 100 at 105.00, minute ${MONDAY + 390}`]);
  });

  it('with a limit fills at the close within it, else is cancelled', () => {
    const play = (limit: string) => {
      const matcher = testMatcher();
      matcher.add(testOrder({ ...onClose, limit }));
      return said(matcher.onBar(testBar('105 106 100 105', { minute: CLOSE_MINUTE - 1 })));
    };
    expect(play('105')).toEqual([`a filled 100 at 105.00, minute ${CLOSE_MINUTE}`]);
    expect(play('104')).toEqual([`a cancelled, minute ${CLOSE_MINUTE}: ${END_REASONS.notAtClose}`]);
  });

  it('is cancelled where the last bar is missing', () => {
    const matcher = testMatcher();
    matcher.add(testOrder(onClose));
    matcher.onBar(testBar('105 106 104 105', { minute: CLOSE_MINUTE - 2 }));
    expect(said(matcher.closeSlice(at(CLOSE_MINUTE)))).toEqual([
      `a cancelled, minute ${CLOSE_MINUTE}: ${END_REASONS.notAtClose}`,
    ]);
  });

  it('has its exits from the next bar on', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ ...onClose, exits: { stop: '104', target: '105.50' } }));
    expect(said(matcher.onBar(testBar('105 106 103 105', { minute: CLOSE_MINUTE - 1 })))).toEqual([
      `a filled 100 at 105.00, minute ${CLOSE_MINUTE}`,
      'a.stop works',
      'a.target works',
    ]);
    expect(said(matcher.onBar(testBar('103 106 103 105', { minute: MONDAY })))[0]).toBe(
      `a.stop filled 100 at 103.00, minute ${MONDAY}`,
    );
  });

  it('comes after the exits of its bot, which end it', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ id: 'a', minute: CLOSE_MINUTE - 1, exits: { stop: '99' } }));
    matcher.add(testOrder({ ...onClose, id: 'b', side: 'sell', minute: CLOSE_MINUTE - 1 }));
    const last = testBar('100 101 98 100', { minute: CLOSE_MINUTE - 1 });
    expect(said(matcher.onBar(last))).toEqual([
      `a filled 100 at 100.00, minute ${CLOSE_MINUTE - 1}`,
      'a.stop works',
      `a.stop filled 100 at 99.00, minute ${CLOSE_MINUTE}`,
      `b cancelled, minute ${CLOSE_MINUTE}: ${END_REASONS.protected}`,
    ]);
  });
});

describe('a fill at the close that decided', () => {
  it('trades at that close with slippage inside the bar, and has exits from the next bar', () => {
    const matcher = testMatcher({ slippage: { kind: 'ticks', slippageTicks: 20 } });
    const bar = testBar('100 101 90 100.90', { minute: 0 });
    matcher.onBar(bar);
    matcher.add(testOrder({ minute: 1, exits: { stop: '95', by: '3' } }));
    expect(said(matcher.fillAtClose('a', bar))).toEqual([
      'a filled 100 at 101.00, minute 1',
      'a.stop works',
      'a.trail works',
    ]);
    expect(matcher.onBar(bar)).toEqual([]);
    expect(said(matcher.onBar(testBar('99 120 98.01 120', { minute: 1 })))).toEqual([]);
    expect(said(matcher.onBar(testBar('118 118 116 116', { minute: 2 })))[0]).toBe(
      'a.trail filled 100 at 116.80, minute 3',
    );
  });

  it('takes the volume that the bar has left, and waits with the rest', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.1 });
    const bar = testBar('100 101 99 100', { minute: 0, volume: 500 });
    matcher.add(testOrder({ id: 'a', quantity: 30 }));
    matcher.onBar(bar);
    matcher.add(testOrder({ id: 'b', quantity: 15, minute: 1 }));
    matcher.add(testOrder({ id: 'c', quantity: 15, minute: 1 }));
    matcher.add(testOrder({ id: 'd', quantity: 15, minute: 1, timeInForce: 'ioc' }));
    expect(said(matcher.fillAtClose('b', bar))).toEqual(['b filled 15 at 100.00, minute 1']);
    const restored = testMatcher({ maxVolumeFraction: 0.1 });
    restored.restore(JSON.parse(JSON.stringify(matcher.snapshot())));
    expect(said(restored.fillAtClose('c', bar))).toEqual(['c filled 5 at 100.00, minute 1']);
    expect(said(restored.fillAtClose('d', bar))).toEqual([
      `d cancelled, minute 1: ${END_REASONS.immediateOrCancel}`,
    ]);
    expect(said(restored.onBar(testBar('102 102 101 102', { minute: 1 })))).toEqual([
      'c filled 10 at 102.00, minute 1',
    ]);
  });

  it('takes of its own bar, whatever was taken of one before', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.1 });
    matcher.add(testOrder({ id: 'a', quantity: 30 }));
    matcher.onBar(testBar('100 101 99 100', { minute: 0, volume: 500 }));
    matcher.add(testOrder({ id: 'b', quantity: 15, minute: 3 }));
    const later = testBar('100 101 99 100', { minute: 2, volume: 200 });
    expect(said(matcher.fillAtClose('b', later))).toEqual(['b filled 15 at 100.00, minute 3']);
  });

  it('closes the bar for everything else', () => {
    const matcher = testMatcher();
    const bar = testBar('100 101 99 100', { minute: 0 });
    matcher.add(testOrder({ id: 'a', limit: '99.50' }));
    matcher.add(testOrder({ id: 'b', minute: 1 }));
    expect(matcher.fillAtClose('b', bar)).toHaveLength(1);
    expect(matcher.onBar(bar)).toEqual([]);
  });

  it('does not happen outside the sessions: the order waits for the next open', () => {
    const matcher = testMatcher();
    const bar = testBar('100 101 99 100', { minute: CLOSE_MINUTE });
    matcher.add(testOrder({ minute: CLOSE_MINUTE + 1 }));
    expect(matcher.fillAtClose('a', bar)).toEqual([]);
    expect(matcher.onBar(testBar('105 105 105 105', { minute: MONDAY }))).toHaveLength(1);
  });

  it('is a bug for any other order, and after a later bar', () => {
    const matcher = testMatcher();
    const bar = testBar('100 101 99 100', { minute: 0 });
    matcher.add(testOrder({ id: 'limit', minute: 1, limit: '90' }));
    matcher.add(testOrder({ id: 'early', minute: 0 }));
    matcher.add(testOrder({ id: 'close', minute: 1, timeInForce: 'onClose' }));
    matcher.add(testOrder({ id: 'right', minute: 1 }));
    for (const id of ['limit', 'early', 'close', 'none']) {
      expect(() => matcher.fillAtClose(id, bar)).toThrow('cannot fill at the close');
    }
    matcher.onBar(testBar('100 101 99 100', { minute: 2, symbol: 'SPY' }));
    matcher.add(testOrder({ id: 'right', minute: 1 }));
    expect(() => matcher.fillAtClose('right', bar)).toThrow('was matched already');
  });
});
