import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roundTrips, summarise } from '@capstan/analytics';
import { usEquity } from '@capstan/domain';
import { run } from '@capstan/engine';
import { fingerprintBars, Lake, type LakeBars } from '@capstan/lake';
import { renderReport, reportOf } from '@capstan/reports';
import { resolveParameters } from '@capstan/strategy';
import { workBars } from './work-bars.ts';
import { WORK_RUNS } from './work-runs.ts';

const SYMBOL = 'A';
const SEED = 42;
const LAKE_ROWS = 3_000_000;
const LAKE_READS = 20;
const CENT_NANOS = 10_000_000;
const KIND = { alignment: 'session', adjustment: 'raw' } as const;
const REPORTS = 3;

/** What a benchmark of research was found to take and to give; printed as JSON. */
export interface ResearchFound {
  readonly rows: number;
  /** By the clock, the quickest. */
  readonly seconds: number;
  /** Of processor time of all threads, the least. */
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly rssMib: number;
  readonly digest: string;
}

interface Timed<T> {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly value: T;
}

/** Times something several times; the quickest and the least processor time count. */
async function timed<T>(times: number, work: () => Promise<T> | T): Promise<Timed<T>> {
  let best: Timed<T> | undefined;
  for (let time = 0; time < times; time += 1) {
    const startMs = performance.now();
    const before = process.cpuUsage();
    const value = await work();
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - startMs) / 1e3;
    const cpuSeconds = (user + system) / 1e6;
    best = {
      value,
      seconds: Math.min(seconds, best?.seconds ?? seconds),
      cpuSeconds: Math.min(cpuSeconds, best?.cpuSeconds ?? cpuSeconds),
    };
  }
  if (best === undefined) throw new Error('nothing was timed');
  return best;
}

const rssMib = (): number => process.resourceUsage().maxRSS / 1_024;

/** Reads seeded minutes, whose prices are whole cents as those of shares are, from a lake of their own, and requires the numbers that were written. */
async function readLake(): Promise<ResearchFound> {
  const folder = await mkdtemp(join(tmpdir(), 'capstan-bench-'));
  try {
    const { bars } = workBars(SYMBOL, SEED, LAKE_ROWS);
    const instrument = { ...usEquity(SYMBOL), calendar: '24x7', quantityScale: 9 };
    for (const column of [bars.openNanos, bars.highNanos, bars.lowNanos, bars.closeNanos]) {
      for (let row = 0; row < column.length; row += 1) {
        column[row] = Math.round((column[row] ?? 0) / CENT_NANOS) * CENT_NANOS;
      }
    }
    const manifest = await new Lake(folder).write({
      key: { venue: 'BENCH', symbol: SYMBOL, timeframe: '1m', ...KIND },
      instrument,
      bars: bars as LakeBars,
      sources: [],
    });
    const query = { symbol: SYMBOL, timeframe: '1m' } as const;
    const { value, ...times } = await timed(LAKE_READS, () => new Lake(folder).read(query));
    const digest = fingerprintBars(value.description, value.bars);
    const written = fingerprintBars(value.description, bars as LakeBars);
    if (digest !== written) throw new Error('what was read is not what was written');
    const bytes = manifest.parts.reduce((sum, part) => sum + part.bytes, 0);
    return { rows: LAKE_ROWS, ...times, bytes, rssMib: rssMib(), digest };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the report of work A: trades, metrics, page. */
async function makeReport(): Promise<ResearchFound> {
  const work = WORK_RUNS['a-open'];
  if (work === undefined) throw new Error('there is no work A');
  const { spec } = work;
  const series = work.series();
  const result = run(spec, series, { wantGross: true });
  const symbols = series.map((one) => ({
    series: one,
    instrument: spec.instruments.get(one.symbol),
  }));
  const digest = result.digest();
  const { value, ...times } = await timed(REPORTS, () => {
    const traded = symbols.map(({ instrument, series: { bars } }) => ({ instrument, bars }));
    const trips = roundTrips({ fills: result.fills, symbols: traded });
    const summary = summarise({
      initialMicros: spec.cashMicros,
      endUs: result.timelineUs,
      equityMicros: result.equityMicros,
      ...(result.grossMicros === undefined ? {} : { grossMicros: result.grossMicros }),
      calendar: spec.calendarOf('24x7'),
      riskFreeAnnual: 0,
      trips,
    });
    const provenance = { digest, dataFingerprint: '', engineVersion: '', configHash: '' };
    const params = resolveParameters(spec.strategy, spec.params);
    const { strategy } = spec;
    return renderReport(
      reportOf({ strategy, params, spec, symbols, result, trips, summary, provenance }),
    );
  });
  const bytes = Buffer.byteLength(value);
  return { rows: work.bars, ...times, bytes, rssMib: rssMib(), digest };
}

const found = process.argv[2] === 'report' ? await makeReport() : await readLake();
process.stdout.write(`${JSON.stringify(found)}\n`);
