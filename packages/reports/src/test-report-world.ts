import { type PositionEvent, roundTrips, summarise } from '@capstan/analytics';
import { CalendarBook } from '@capstan/calendar';
import {
  cashMicros,
  InstrumentBook,
  NANOS_PER_UNIT,
  US_PER_MINUTE,
  usEquity,
} from '@capstan/domain';
import {
  type BacktestResult,
  type BacktestSpec,
  type ExecutionRules,
  PLAIN_EXECUTION,
  runBacktest,
  type SeriesColumns,
} from '@capstan/engine';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { maCross } from '@capstan/strategy';
import type { ReportInput } from './report-input.ts';

const calendars = new CalendarBook();
const CENT = NANOS_PER_UNIT / 100;
const CASH = cashMicros(100_000_000_000);

/** What a test's run is like. */
export interface TestWorld {
  readonly symbols?: readonly string[];
  readonly sessions?: number;
  readonly minutes?: number;
  readonly execution?: Partial<ExecutionRules>;
  readonly hasBenchmark?: boolean;
  readonly slow?: number;
}

/** What a page shows: without its scripts and styles. */
export const shownOf = (page: string): string =>
  page.replaceAll(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '');

/** Numbers of a seed, from 0 to 1. */
function* seeded(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Bars of whole sessions that wander about 100. */
export function testBars(seed: number, sessions: number, minutes: number): SeriesColumns {
  const calendar = calendars.get('XNYS');
  const starts: number[] = [];
  let session = calendar.session('2020-01-02') ?? calendar.nextSession('2020-01-01');
  for (let day = 0; day < sessions; day += 1) {
    for (let us = session.openUs as number; us < session.closeUs; us += minutes * US_PER_MINUTE) {
      starts.push(us);
    }
    session = calendar.nextSession(session.date);
  }
  const draw = seeded(seed);
  let last = 10_000;
  const cents = starts.map(() => {
    const open = last;
    const close = Math.max(100, open + Math.round((draw.next().value - 0.5) * 60));
    last = close;
    return { open, close };
  });
  const column = (of: (bar: { open: number; close: number }) => number) =>
    Float64Array.from(cents, (bar) => of(bar) * CENT);
  return {
    startUs: Float64Array.from(starts),
    endUs: Float64Array.from(starts, (us) => us + minutes * US_PER_MINUTE),
    openNanos: column(({ open }) => open),
    highNanos: column(({ open, close }) => Math.max(open, close) + 5),
    lowNanos: column(({ open, close }) => Math.min(open, close) - 5),
    closeNanos: column(({ close }) => close),
    volume: new Float64Array(starts.length).fill(1_000),
  };
}

/** Runs a strategy over bars of a seed, and returns what a report is made of. */
export function reportInputOf(world: TestWorld = {}): ReportInput {
  const { symbols = ['AAA', 'BBB'], sessions = 30, minutes = 30, hasBenchmark = true } = world;
  const instruments = symbols.map((symbol) => usEquity(symbol));
  const series = symbols.map((symbol, index) => ({
    symbol,
    bars: testBars(7 + index, sessions, minutes),
  }));
  const spec: BacktestSpec = {
    runId: 'test',
    strategy: maCross,
    params: { fast: 3, slow: world.slow ?? 9 },
    timeframe: '30m',
    cashMicros: CASH,
    sizing: { kind: 'equityFraction', fraction: 0.4 },
    limits: DEFAULT_LIMITS,
    matcher: {
      limitFill: 'through',
      commission: { kind: 'perOrder', feeMicros: 1_000_000 },
      slippage: { kind: 'bps', slippageBps: 1 },
    },
    execution: { ...PLAIN_EXECUTION, ...world.execution },
    instruments: new InstrumentBook(instruments),
    calendarOf: (name) => calendars.get(name),
  };
  const result = runBacktest(spec, series, { wantGross: true });
  return inputOf({ result, series, spec, hasBenchmark });
}

interface InputParts {
  readonly result: BacktestResult;
  readonly series: readonly { readonly symbol: string; readonly bars: SeriesColumns }[];
  readonly spec: BacktestSpec;
  readonly hasBenchmark: boolean;
}

/** Measures a result and puts the input of its report together. */
export function inputOf({ result, series, spec, hasBenchmark }: InputParts): ReportInput {
  const bySymbol = new Map(series.map((one) => [one.symbol, one]));
  const traded = result.symbols.map((symbol) => ({
    instrument: usEquity(symbol),
    bars: (bySymbol.get(symbol) as InputParts['series'][number]).bars,
  }));
  const events: PositionEvent[] = [];
  const trips = roundTrips({ fills: result.fills, symbols: traded, events });
  const calendar = calendars.get('XNYS');
  const record = {
    initialMicros: spec.cashMicros,
    endUs: result.timelineUs,
    equityMicros: result.equityMicros,
    calendar,
    trips,
    ...(result.grossMicros === undefined ? {} : { grossMicros: result.grossMicros }),
  };
  const { dates } = summarise(record).sessions;
  const benchmark = {
    name: 'Hold <all>',
    dates,
    closes: Float64Array.from(dates, (_, day) => 100 + (day % 7)),
  };
  return {
    strategy: spec.strategy,
    params: { fast: 3, slow: 9 },
    spec,
    symbols: series.map((one) => ({ series: one, instrument: usEquity(one.symbol) })),
    result,
    trips,
    summary: summarise(hasBenchmark ? { ...record, benchmark } : record),
    ...(hasBenchmark ? { benchmark } : {}),
    notes: [],
    provenance: { digest: 'd1', dataFingerprint: 'f1', engineVersion: '0.0.0' },
  };
}

/** A result of as many bars as there are, with a trade every `barsATrade`, that no engine ran: for the size of its report. */
export function largeInput(sessions: number, barsATrade: number): ReportInput {
  const small = reportInputOf({ symbols: ['AAA'], sessions: 2 });
  const bars = testBars(3, sessions, 1);
  const rows = bars.endUs.length;
  const count = 2 * Math.floor(rows / barsATrade / 2) * 2;
  const row = Int32Array.from({ length: count }, (_, fill) => (fill * barsATrade) / 2);
  const pick = (column: Float64Array) => Float64Array.from(row, (at) => column[at] as number);
  const fills = {
    count,
    slice: row,
    row,
    symbolIndex: new Uint16Array(count),
    order: Int32Array.from(row.keys()),
    side: Int8Array.from(row, (_, fill) => (fill % 2 === 0 ? 1 : -1)),
    quantity: new Float64Array(count).fill(100),
    priceNanos: pick(bars.openNanos),
    feeMicros: new Float64Array(count).fill(1_000_000),
    eventAtUs: pick(bars.startUs),
  };
  const result = {
    ...small.result,
    symbols: ['AAA'],
    timelineUs: bars.endUs,
    equityMicros: bars.closeNanos.map((nanos) => nanos * 10 + 1),
    cashMicros: new Float64Array(rows).fill(CASH),
    grossMicros: bars.closeNanos.map((nanos) => nanos * 5),
    fills,
    denials: [],
    halts: [],
  };
  const spec = { ...small.spec, timeframe: '1m' } as BacktestSpec;
  return inputOf({
    result,
    series: [{ symbol: 'AAA', bars }],
    spec: { ...spec, strategy: maCross },
    hasBenchmark: true,
  });
}
