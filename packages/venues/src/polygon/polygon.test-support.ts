import { readFileSync } from 'node:fs';
import { setTimeout as sleepMs } from 'node:timers/promises';
import { getCalendar } from '@capstan/calendar';
import { type MarketEvent, type TimeUs, timeUs, US_PER_MINUTE } from '@capstan/domain';
import { type PolygonEmulator, startPolygonEmulator } from '@capstan/emulators';
import type { Clock, Log, MarketStream } from '@capstan/ports';
import { RequestBudget } from '../requests/request-budget.ts';
import { PolygonData } from './polygon-data.ts';
import { PolygonKey, polygonEndpoints } from './settings.ts';

export const CANARY = 'canary-key-5c1f';
export const NYSE = getCalendar('XNYS');

/** An hour into the session of 6 January 2026. */
export const NOW_US = timeUs((NYSE.session('2026-01-06')?.openUs ?? 0) + 60 * US_PER_MINUTE);

/** A wait as long as this, or longer, is a time-out: it is over only where somebody ends it. */
const TIMEOUT_FROM_MS = 10_000;
const SPEED = 60;

/** Real time, in which waits are sixty times as short and time-outs never come; the time of day is told. */
export function quickClock(nowUs: () => TimeUs): Clock {
  return {
    nowUs,
    monotonicMs: () => performance.now() * SPEED,
    sleep: (ms, signal) =>
      ms < TIMEOUT_FROM_MS
        ? sleepMs(ms / SPEED, undefined, signalOf(signal)).catch(() => undefined)
        : new Promise((resolve) => {
            if (signal?.aborted === true) resolve();
            else signal?.addEventListener('abort', () => resolve(), { once: true });
          }),
  };
}

const signalOf = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

/** A log that keeps its lines as texts. */
export function textLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const say = (message: string, fields?: unknown): void => {
    const text = (_: string, value: unknown): unknown =>
      value instanceof Error ? `${value.stack} ${JSON.stringify(value)}` : value;
    lines.push(`${message} ${JSON.stringify(fields, text)}`);
  };
  const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log };
  return { log, lines };
}

export interface Bench {
  readonly emulator: PolygonEmulator;
  readonly data: PolygonData;
  readonly lines: readonly string[];
}

/** An emulator with a small market, and the adapter that reads it. */
export async function bench(
  settings: {
    readonly timeoutMs?: number;
    readonly silenceMs?: number;
    readonly key?: string;
    readonly keyPath?: string;
    /** How far this machine's clock is ahead of the vendor's. */
    readonly aheadUs?: number;
  } = {},
): Promise<Bench & AsyncDisposable> {
  const emulator = await startPolygonEmulator({
    nowUs: NOW_US,
    keys: [CANARY],
    world: {
      seed: 11,
      calendar: NYSE,
      startDate: '2026-01-02',
      symbols: [
        { symbol: 'QQQ', startPrice: 500 },
        { symbol: 'BRK.B', startPrice: 480 },
        { symbol: 'I:NDX', startPrice: 20_000 },
      ],
      splits: [
        { symbol: 'BRK.B', exDate: '2026-01-06', newUnits: 3, oldUnits: 2 },
        { symbol: 'BRK.B', exDate: '2026-01-05', newUnits: 1, oldUnits: 10 },
      ],
      dividends: [
        { symbol: 'QQQ', exDate: '2026-01-05', payDate: '2026-01-12', cash: 0.7261 },
        { symbol: 'QQQ', exDate: '2026-01-06', payDate: '2026-01-12', cash: 1, currency: 'CAD' },
      ],
      optionable: ['QQQ'],
    },
  });
  const { log, lines } = textLog();
  const { key = CANARY, keyPath, aheadUs = 0, ...rest } = settings;
  const name = 'POLYGON_API_KEY';
  const clock = quickClock(() => timeUs(emulator.control.nowUs + aheadUs));
  const data = new PolygonData(
    { clock, log, calendar: NYSE, budget: new RequestBudget(clock, { perMinute: 600_000 }) },
    {
      endpoints: polygonEndpoints({
        POLYGON_BASE_URL: emulator.url,
        POLYGON_STOCK_WS_URL: `${emulator.streamUrl}/stocks`,
        POLYGON_OPTIONS_WS_URL: `${emulator.streamUrl}/options`,
        POLYGON_INDICES_WS_URL: `${emulator.streamUrl}/indices`,
      }),
      key: new PolygonKey(
        keyPath === undefined
          ? { kind: 'variable', name, text: key }
          : { kind: 'file', name: `${name}_FILE`, path: keyPath },
      ),
      timeoutMs: 600_000,
      ...rest,
    },
  );
  return {
    emulator,
    data,
    lines,
    async [Symbol.asyncDispose]() {
      data.close();
      await emulator.close();
    },
  };
}

interface Contract {
  readonly operations: Readonly<
    Record<
      string,
      { readonly path: string; readonly parameters: readonly { readonly name: string }[] }
    >
  >;
}

/** Returns what of some requests the vendor's contract does not have: paths, and parameters of a query. */
export function beyondContract(requests: readonly string[]): readonly string[] {
  const file = new URL('../../../emulators/src/polygon/contract.json', import.meta.url);
  const { operations } = JSON.parse(readFileSync(file, 'utf8')) as Contract;
  return requests.flatMap((request) => {
    const url = new URL(request, 'http://vendor');
    const parts = url.pathname.split('/');
    const operation = Object.values(operations).find(({ path }) => {
      const template = path.split('/');
      const fits = (part: string, at: number) => part.startsWith('{') || part === parts[at];
      return template.length === parts.length && template.every(fits);
    });
    if (operation === undefined) return [`${url.pathname} is in no operation`];
    const known = new Set(operation.parameters.map(({ name }) => name).concat('cursor'));
    return [...url.searchParams.keys()]
      .filter((name) => !known.has(name))
      .map((name) => `${operation.path} knows no '${name}'`);
  });
}

/** All rows of all pages. */
export async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const rows: T[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

/** Reads a stream until an event of a kind has come. @returns all that came, that one last or before others of its frame. */
export async function until(
  stream: MarketStream,
  wanted: (event: MarketEvent) => boolean,
): Promise<readonly MarketEvent[]> {
  const got: MarketEvent[] = [];
  while (!got.some(wanted)) {
    const events = await stream.next();
    if (events.length === 0) throw new Error('the stream was closed');
    got.push(...events);
  }
  return got;
}
