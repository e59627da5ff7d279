import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CivilDate } from '@capstan/calendar';
import { AppError, type Instrument, usEquity } from '@capstan/domain';
import { fileError, writeError } from './file-error.ts';
import { Fields } from './json-fields.ts';
import { readInstrument } from './manifest.ts';
import { replaceFile } from './replace-file.ts';
import { escapeName } from './series-key.ts';

const INSTRUMENTS_FILE = 'instruments.json';
const FORMAT = 1;

/** A name under which an instrument traded, from one date to another, both included. */
export interface TickerSpan {
  readonly ticker: string;
  /** Absent: since its first day. */
  readonly fromDate?: CivilDate;
  /** Absent: until now. */
  readonly untilDate?: CivilDate;
}

/** An instrument, known by its id, and the names it had. */
export interface RegisteredInstrument {
  /** Its `symbol` is the name of its series in the lake. */
  readonly instrument: Instrument;
  /** In order of time, without overlap. */
  readonly tickers: readonly TickerSpan[];
}

/**
 * Returns the instrument of a symbol about which nothing is registered: a US equity with the id `<venue>:<symbol>`.
 */
export function defaultInstrument(venue: string, symbol: string): Instrument {
  return { ...usEquity(symbol), instrumentId: `${venue}:${symbol}` };
}

/** The instruments of a venue: `<root>/<venue>/instruments.json`. */
export class InstrumentRegistry {
  readonly venue: string;
  readonly #byId: Map<string, RegisteredInstrument>;

  constructor(venue: string, instruments: readonly RegisteredInstrument[]) {
    this.venue = venue;
    this.#byId = new Map(instruments.map((one) => [one.instrument.instrumentId, one]));
  }

  /** Returns all instruments, sorted by id. */
  all(): readonly RegisteredInstrument[] {
    return [...this.#byId.values()].sort((a, b) =>
      a.instrument.instrumentId < b.instrument.instrumentId ? -1 : 1,
    );
  }

  byId(instrumentId: string): RegisteredInstrument | undefined {
    return this.#byId.get(instrumentId);
  }

  /**
   * Returns what a symbol of the lake is, else {@link defaultInstrument}.
   * @throws LAKE.AMBIGUOUS where several instruments have the symbol.
   */
  bySymbol(symbol: string): Instrument {
    const found = this.all().filter((one) => one.instrument.symbol === symbol);
    if (found.length > 1) throw this.#ambiguous(symbol, found);
    return found[0]?.instrument ?? defaultInstrument(this.venue, symbol);
  }

  /**
   * Returns the instrument that traded under a ticker on a date, `undefined` where none is registered.
   * @throws LAKE.AMBIGUOUS where several did.
   */
  byTicker(ticker: string, date: CivilDate): RegisteredInstrument | undefined {
    const found = this.all().filter(({ tickers }) =>
      tickers.some((span) => span.ticker === ticker && covers(span, date)),
    );
    if (found.length > 1) throw this.#ambiguous(`${ticker} on ${date}`, found);
    return found[0];
  }

  /** Returns the instruments that ever traded under a ticker, sorted by id. */
  everNamed(ticker: string): readonly RegisteredInstrument[] {
    return this.all().filter(({ tickers }) => tickers.some((span) => span.ticker === ticker));
  }

  /** Adds an instrument, or replaces the one of its id. */
  set(one: RegisteredInstrument): void {
    this.#byId.set(one.instrument.instrumentId, one);
  }

  #ambiguous(what: string, found: readonly RegisteredInstrument[]): AppError {
    const ids = found.map(({ instrument }) => instrument.instrumentId).join(', ');
    return new AppError({
      code: 'LAKE.AMBIGUOUS',
      why: `${this.venue}: ${what} is the name of several instruments: ${ids}.`,
      fix: 'Correct the spans of their tickers in instruments.json.',
    });
  }
}

function covers(span: TickerSpan, date: CivilDate): boolean {
  return (span.fromDate ?? date) <= date && date <= (span.untilDate ?? date);
}

/** Reads the instruments of a venue; none where the lake has no list. @throws LAKE.DAMAGED naming the key. */
export async function readInstruments(root: string, venue: string): Promise<InstrumentRegistry> {
  const path = join(root, escapeName(venue), INSTRUMENTS_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return new InstrumentRegistry(venue, []);
    }
    throw fileError(path, error);
  }
  const fields = Fields.parse(path, text, 'LAKE.DAMAGED', 'Correct the file.');
  if (fields.whole('format') !== FORMAT) throw fields.wrong('format', String(FORMAT));
  const instruments = fields.list('instruments').map((one) => ({
    instrument: readInstrument(one.object('instrument')),
    tickers: one.list('tickers').map(readTicker),
  }));
  return new InstrumentRegistry(venue, instruments);
}

function readTicker(fields: Fields): TickerSpan {
  return {
    ticker: fields.text('ticker'),
    ...(fields.has('fromDate') ? { fromDate: fields.text('fromDate') } : {}),
    ...(fields.has('untilDate') ? { untilDate: fields.text('untilDate') } : {}),
  };
}

/** Writes the instruments of a venue. @throws LAKE.DISK, LAKE.WRITE */
export async function writeInstruments(root: string, registry: InstrumentRegistry): Promise<void> {
  const folder = join(root, escapeName(registry.venue));
  const text = `${JSON.stringify({ format: FORMAT, instruments: registry.all() }, null, 2)}\n`;
  try {
    await mkdir(folder, { recursive: true });
    await replaceFile(join(folder, INSTRUMENTS_FILE), text);
  } catch (error) {
    throw writeError(folder, error);
  }
}
