import type { OpenTrade, RoundTrips } from '@capstan/analytics';
import { type Instrument, MICROS_PER_UNIT, NANOS_PER_UNIT, US_PER_SECOND } from '@capstan/domain';
import type { TradeData } from './chart-data.ts';
import { decimalsOfTick } from './format.ts';
import { packColumn } from './pack-column.ts';
import type { PackedColumn } from './packed-column.ts';

const SHARE_DECIMALS = 5;
const MONEY_DECIMALS = 2;
/** Mean prices lie between ticks. */
const MEAN_PRICE_DECIMALS = 2;

/** What the trades of a page are made of; the last rows of many. */
export interface TradeParts {
  readonly trips: RoundTrips;
  /** In the order of the result's symbols. */
  readonly instruments: readonly Instrument[];
  /** Bars of each, in the same order: where open trades end. */
  readonly lastRows: readonly number[];
  readonly rowsMax: number;
}

/** Packs the trades of a run for its page: the last `rowsMax` where there are more. */
export function tradeDataOf({ trips, instruments, lastRows, rowsMax }: TradeParts): TradeData {
  const { closed, open } = trips;
  const total = closed.count + open.length;
  const from = Math.max(0, closed.count - Math.max(0, rowsMax - open.length));
  const rows = Array.from({ length: closed.count - from }, (_, row) => from + row);
  const priceDecimals =
    Math.max(2, ...instruments.map(({ tickNanos }) => decimalsOfTick(tickNanos))) +
    MEAN_PRICE_DECIMALS;
  const quantityDecimals = Math.max(0, ...instruments.map(({ quantityScale }) => quantityScale));
  const pack = (
    decimals: number,
    ofClosed: (row: number) => number,
    ofOpen: (trade: OpenTrade) => number | undefined,
  ): PackedColumn =>
    packColumn([...rows.map(ofClosed), ...open.map((one) => ofOpen(one) ?? Number.NaN)], decimals);
  const scaleOf = (symbolIndex: number): number =>
    10 ** (instruments[symbolIndex]?.quantityScale ?? 0);
  const at = (column: ArrayLike<number>, row: number): number => column[row] as number;
  const notional = (row: number): number => at(closed.entryNotionalMicros, row);
  const net = (row: number): number => at(closed.grossMicros, row) - at(closed.feesMicros, row);
  const share = (micros: number | undefined, of: number): number =>
    micros === undefined || of === 0 ? Number.NaN : micros / of;
  return {
    symbols: instruments.map(({ symbol }) => symbol),
    total,
    openCount: open.length,
    symbolIndex: pack(
      0,
      (row) => at(closed.symbolIndex, row),
      (one) => one.symbolIndex,
    ),
    side: pack(
      0,
      (row) => at(closed.side, row),
      ({ side }) => (side === 'long' ? 1 : -1),
    ),
    entryAtS: pack(
      0,
      (row) => at(closed.entryAtUs, row) / US_PER_SECOND,
      (one) => one.entryAtUs / US_PER_SECOND,
    ),
    exitAtS: pack(
      0,
      (row) => at(closed.exitAtUs, row) / US_PER_SECOND,
      () => undefined,
    ),
    entryRow: pack(
      0,
      (row) => at(closed.entryRow, row),
      (one) => one.entryRow,
    ),
    exitRow: pack(
      0,
      (row) => at(closed.exitRow, row),
      (one) => lastRows[one.symbolIndex],
    ),
    quantity: pack(
      quantityDecimals,
      (row) => at(closed.quantity, row) / scaleOf(at(closed.symbolIndex, row)),
      (one) => Math.abs(one.openQuantity) / scaleOf(one.symbolIndex),
    ),
    entryPrice: pack(
      priceDecimals,
      (row) => at(closed.entryPriceNanos, row) / NANOS_PER_UNIT,
      (one) => one.entryPriceNanos / NANOS_PER_UNIT,
    ),
    exitPrice: pack(
      priceDecimals,
      (row) => at(closed.exitPriceNanos, row) / NANOS_PER_UNIT,
      ({ markNanos }) => (markNanos === undefined ? undefined : markNanos / NANOS_PER_UNIT),
    ),
    net: pack(
      MONEY_DECIMALS,
      (row) => net(row) / MICROS_PER_UNIT,
      ({ netMicros }) => (netMicros === undefined ? undefined : netMicros / MICROS_PER_UNIT),
    ),
    returnFraction: pack(
      SHARE_DECIMALS,
      (row) => share(net(row), notional(row)),
      (one) => share(one.netMicros, one.entryNotionalMicros),
    ),
    fees: pack(
      MONEY_DECIMALS,
      (row) => at(closed.feesMicros, row) / MICROS_PER_UNIT,
      ({ feesMicros }) => feesMicros / MICROS_PER_UNIT,
    ),
    adverseFraction: pack(
      SHARE_DECIMALS,
      (row) => share(at(closed.adverseMicros, row), notional(row)),
      (one) => share(one.adverseMicros, one.entryNotionalMicros),
    ),
    favourableFraction: pack(
      SHARE_DECIMALS,
      (row) => share(at(closed.favourableMicros, row), notional(row)),
      (one) => share(one.favourableMicros, one.entryNotionalMicros),
    ),
  };
}
