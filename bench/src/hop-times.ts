import {
  decodeApprovedSlice,
  decodeBar,
  decodeBarsClosed,
  decodeBotSlice,
  decodeOrderEvent,
} from '@capstan/contracts';
import type { Bus } from '@capstan/ports';
import { readAfter } from './bus-reading.ts';

/** When the messages of one slice were stored by the bus, in microseconds of this machine's clock. */
export interface SliceTimes {
  /** By symbol. */
  readonly bars: Map<string, number>;
  closedUs: number | undefined;
  /** The first and the last bot's answer. */
  firstSignalUs: number | undefined;
  lastSignalUs: number | undefined;
  approvedUs: number | undefined;
  doneUs: number | undefined;
}

/** One order that the exchange accepted. */
export interface AcceptedOrder {
  readonly orderId: string;
  readonly symbol: string;
  /** The slice that it was decided in. */
  readonly sliceEndUs: number;
  /** When the event that says so was stored. */
  readonly acceptedUs: number;
}

/** Everything that the streams tell of a playback. */
export interface HopTimes {
  /** In the order of the slices. */
  readonly slices: ReadonlyMap<number, SliceTimes>;
  readonly accepted: readonly AcceptedOrder[];
  /** Orders that were refused, by us or by the exchange. */
  readonly refused: number;
}

/** Reads the streams of a playback that is over. */
export async function readHopTimes(bus: Bus): Promise<HopTimes> {
  const slices = new Map<number, SliceTimes>();
  const slice = (endUs: number): SliceTimes => {
    const known = slices.get(endUs) ?? newSlice();
    slices.set(endUs, known);
    return known;
  };
  await readAfter(bus, 'MARKET', 0, (message) => {
    if (message.subject.startsWith('market.bar.')) {
      const bar = decodeBar(message.data);
      slice(bar.endUs).bars.set(bar.symbol, message.storedAtUs);
    } else {
      slice(decodeBarsClosed(message.data).endUs).closedUs ??= message.storedAtUs;
    }
  });
  const accepted = new Map<string, AcceptedOrder>();
  let refused = 0;
  await readAfter(bus, 'TRADING', 0, (message) => {
    const { subject, data, storedAtUs } = message;
    if (subject.startsWith('trading.signal.')) {
      const times = slices.get(decodeBotSlice(data).sliceEndUs);
      if (times === undefined) return;
      times.firstSignalUs ??= storedAtUs;
      times.lastSignalUs = storedAtUs;
    } else if (subject.startsWith('trading.approved.')) {
      const times = slices.get(decodeApprovedSlice(data).sliceEndUs);
      if (times !== undefined) times.approvedUs ??= storedAtUs;
    } else if (subject.startsWith('trading.order.')) {
      const event = decodeOrderEvent(data);
      const times = slices.get(event.sliceDone?.sliceEndUs ?? 0);
      if (times !== undefined) times.doneUs ??= storedAtUs;
      for (const { orderId, symbol, decidedAtUs, state } of event.orders) {
        if (state === 'denied' || state === 'rejected') refused += 1;
        if (state !== 'accepted' || accepted.has(orderId)) continue;
        const sliceEndUs = decidedAtUs;
        accepted.set(orderId, { orderId, symbol, sliceEndUs, acceptedUs: storedAtUs });
      }
    }
  });
  for (const [endUs, { bars }] of slices) if (bars.size === 0) slices.delete(endUs);
  return { slices, accepted: [...accepted.values()], refused };
}

function newSlice(): SliceTimes {
  return {
    bars: new Map(),
    closedUs: undefined,
    firstSignalUs: undefined,
    lastSignalUs: undefined,
    approvedUs: undefined,
    doneUs: undefined,
  };
}
