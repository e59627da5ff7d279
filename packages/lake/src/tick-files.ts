import type { MarketQuote, MarketTrade } from '@capstan/domain';
import { priceNanos, timeUs } from '@capstan/domain';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { sqlText, withConnection } from './duckdb.ts';
import { CHUNK_ROWS_MAX } from './limits.ts';
import { PARQUET_OPTIONS } from './parquet-part.ts';

/** Kinds of ticks, and what a row of each is. */
export interface TickRows {
  readonly trades: MarketTrade;
  readonly quotes: MarketQuote;
}
export const TICK_KINDS = ['trades', 'quotes'] as const;
export type TickKind = (typeof TICK_KINDS)[number];

/** A column: its name in the file, and the value of a row. */
interface TickColumn<T> {
  readonly name: string;
  readonly type: 'BIGINT' | 'VARCHAR';
  readonly of: (row: T) => DuckDBValue;
}

const TRADES: readonly TickColumn<MarketTrade>[] = [
  { name: 'at_us', type: 'BIGINT', of: ({ atUs }) => BigInt(atUs) },
  { name: 'price_nanos', type: 'BIGINT', of: (trade) => BigInt(trade.priceNanos) },
  { name: 'size', type: 'BIGINT', of: ({ size }) => BigInt(size) },
  { name: 'trade_id', type: 'VARCHAR', of: ({ tradeId }) => tradeId },
  { name: 'exchange', type: 'VARCHAR', of: ({ exchange }) => exchange },
  { name: 'conditions', type: 'VARCHAR', of: ({ conditions }) => conditions.join(' ') },
];
const QUOTES: readonly TickColumn<MarketQuote>[] = [
  { name: 'at_us', type: 'BIGINT', of: ({ atUs }) => BigInt(atUs) },
  { name: 'bid_nanos', type: 'BIGINT', of: ({ bidNanos }) => BigInt(bidNanos) },
  { name: 'bid_size', type: 'BIGINT', of: ({ bidSize }) => BigInt(bidSize) },
  { name: 'ask_nanos', type: 'BIGINT', of: ({ askNanos }) => BigInt(askNanos) },
  { name: 'ask_size', type: 'BIGINT', of: ({ askSize }) => BigInt(askSize) },
];

const columnsOf = <K extends TickKind>(kind: K): readonly TickColumn<TickRows[K]>[] =>
  (kind === 'trades' ? TRADES : QUOTES) as unknown as readonly TickColumn<TickRows[K]>[];

/**
 * Writes the ticks of some symbols, a file a symbol, in the order in which they come: times in microseconds, prices in nanos, all of them
 * 64-bit integers; texts as the vendor has them.
 * @param pathOf where the file of a symbol goes.
 * @returns the rows of each symbol that has some.
 * @throws what DuckDB throws, and what the pages throw; files that were written are then left.
 * @complexity O(rows); they are in memory, packed.
 */
export function writeTickFiles<K extends TickKind>(
  kind: K,
  pages: AsyncIterable<readonly TickRows[K][]>,
  pathOf: (symbol: string) => Promise<string>,
): Promise<ReadonlyMap<string, number>> {
  return withConnection(async (connection) => {
    const { BIGINT, DuckDBDataChunk, VARCHAR } = await import('@duckdb/node-api');
    const columns = columnsOf(kind);
    const types: DuckDBType[] = [
      VARCHAR,
      ...columns.map(({ type }) => ({ BIGINT, VARCHAR })[type]),
    ];
    const described = columns.map(({ name, type }) => `${name} ${type}`);
    await connection.run(`CREATE TEMP TABLE ticks (symbol VARCHAR, ${described.join(', ')})`);
    const appender = await connection.createAppender('ticks');
    const counts = new Map<string, number>();
    for await (const page of pages) {
      for (const { symbol } of page) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
      for (let from = 0; from < page.length; from += CHUNK_ROWS_MAX) {
        const rows = page.slice(from, from + CHUNK_ROWS_MAX);
        const chunk = DuckDBDataChunk.create(types, rows.length);
        chunk.setColumns([
          rows.map(({ symbol }) => symbol),
          ...columns.map((one) => rows.map(one.of)),
        ]);
        appender.appendDataChunk(chunk);
      }
    }
    appender.closeSync();
    const names = columns.map(({ name }) => name).join(', ');
    for (const symbol of counts.keys()) {
      const where = `WHERE symbol = ${sqlText(symbol)}`;
      const target = sqlText(await pathOf(symbol));
      await connection.run(
        `COPY (SELECT ${names} FROM ticks ${where}) TO ${target} (${PARQUET_OPTIONS})`,
      );
    }
    return counts;
  });
}

/** Reads the ticks of a file, in its order. */
export function readTickFile<K extends TickKind>(
  kind: K,
  path: string,
  symbol: string,
): Promise<readonly TickRows[K][]> {
  return withConnection(async (connection) => {
    const names = columnsOf(kind).map(({ name }) => name);
    const sql = `SELECT ${names.join(', ')} FROM read_parquet(${sqlText(path)})`;
    const rows = (await connection.runAndReadAll(sql)).getRows();
    const read = kind === 'trades' ? readTrade : readQuote;
    return rows.map((row) => read(symbol, row)) as unknown as readonly TickRows[K][];
  });
}

function readTrade(symbol: string, row: readonly DuckDBValue[]): MarketTrade {
  const [at, price, size, tradeId, exchange, conditions] = row;
  const codes = String(conditions);
  return {
    symbol,
    atUs: timeUs(Number(at)),
    priceNanos: priceNanos(Number(price)),
    size: Number(size),
    tradeId: String(tradeId),
    exchange: String(exchange),
    conditions: codes === '' ? [] : codes.split(' '),
  };
}

function readQuote(symbol: string, row: readonly DuckDBValue[]): MarketQuote {
  const [at, bid, bidSize, ask, askSize] = row;
  return {
    symbol,
    atUs: timeUs(Number(at)),
    bidNanos: priceNanos(Number(bid)),
    bidSize: Number(bidSize),
    askNanos: priceNanos(Number(ask)),
    askSize: Number(askSize),
  };
}
