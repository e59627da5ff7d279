import type { IncomingMessage, ServerResponse } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { AppError } from '@capstan/domain';
import type { Clock, Labels, Meter } from '@capstan/ports';
import type { Counter, Gauge, Histogram, Meter as OtelMeter } from '@opentelemetry/api';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { Exemplars } from './exemplars.ts';
import { acceptsOpenMetrics, OPEN_METRICS_TYPE, openMetricsPage } from './open-metrics.ts';

/** What is known of a measurement besides its name. */
export interface Instrument {
  readonly help?: string;
  /** Upper bounds of a histogram's buckets, rising, in the measurement's own unit. */
  readonly buckets?: readonly number[];
}

/** Instruments by name, as a service's `telemetry.ts` declares them. */
export type Instruments = Readonly<Record<string, Instrument>>;

/** A process's measurements and the page that shows them. */
export interface Metering extends MeteringSetup {
  readonly meter: Meter;
  /** Answers `GET /metrics` in the Prometheus text format; who asks for OpenMetrics gets that, with exemplars. */
  serve(request: IncomingMessage, response: ServerResponse): void;
  stop(): Promise<void>;
}

/** What the parts of a service add to its measurements. */
export interface MeteringSetup {
  /** Says what is known of measurements, before they are made. */
  declare(instruments: Instruments): void;
  /**
   * Calls `look` before each page, to measure what is a state rather than an event. One that waits longer than
   * {@link LOOK_MS_MAX} is on the next page; what it throws is its own affair.
   */
  beforePage(look: () => void | Promise<void>): void;
}

/** How long a page waits for those who look. */
const LOOK_MS_MAX = 1_000;

/** Durations in seconds, from a tenth of a millisecond to ten seconds. */
export const SECONDS_BUCKETS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** The histogram that {@link timed} fills. */
export const HANDLER_DURATION = 'capstan_handler_duration_seconds';

/**
 * Starts measuring in this process and adds the default measurements of the process itself. Instruments that were not
 * declared are made as they are first used; the kinds follow the port's methods.
 */
export function startMetering(service: string, instruments: Instruments = {}): Metering {
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  const provider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  const otel = provider.getMeter(service);
  const stopProcess = measureProcess(otel);
  const known: Record<string, Instrument> = { ...OWN_INSTRUMENTS, ...instruments };
  const exemplars = new Exemplars(() => Date.now());
  const meter = meterOver(otel, known, exemplars);
  meter.gauge(SERVICE_INFO, 1, { service });
  const looks: (() => void | Promise<void>)[] = [];
  return {
    meter,
    declare: (more) => void Object.assign(known, more),
    beforePage: (look) => void looks.push(look),
    serve: (request, response) => {
      void lookAll(looks).then(() =>
        acceptsOpenMetrics(request.headers.accept)
          ? serveOpenMetrics(exporter, exemplars, response)
          : exporter.getMetricsRequestHandler(request, response),
      );
    },
    stop: async () => {
      stopProcess();
      await provider.shutdown();
    },
  };
}

/** Says of each process which service it is: who is missing is seen by it. */
export const SERVICE_INFO = 'capstan_service_info';

const OWN_INSTRUMENTS: Instruments = {
  [HANDLER_DURATION]: { help: 'How long handlers take, by handler and outcome.' },
  [SERVICE_INFO]: { help: '1 for each process, by service.' },
};

/** Resolves when all have looked, or time is up. */
async function lookAll(looks: readonly (() => void | Promise<void>)[]): Promise<void> {
  if (looks.length === 0) return;
  const looked = Promise.allSettled(looks.map(async (look) => look()));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LOOK_MS_MAX);
  });
  await Promise.race([looked, late]);
  clearTimeout(timer);
}

async function serveOpenMetrics(
  exporter: PrometheusExporter,
  exemplars: Exemplars,
  response: ServerResponse,
): Promise<void> {
  const { resourceMetrics } = await exporter.collect();
  response.writeHead(200, { 'content-type': OPEN_METRICS_TYPE });
  response.end(openMetricsPage(resourceMetrics, exemplars));
}

/**
 * Makes the port's meter over an OpenTelemetry meter.
 * @param exemplars where values that were measured in a recorded trace are noted.
 */
export function meterOver(otel: OtelMeter, instruments: Instruments, exemplars?: Exemplars): Meter {
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, { histogram: Histogram; bounds: readonly number[] }>();
  const described = (name: string): { description?: string } => {
    const help = instruments[name]?.help;
    return help === undefined ? {} : { description: help };
  };
  return {
    count: (name, value = 1, labels) =>
      remembered(counters, name, () => otel.createCounter(name, described(name))).add(
        value,
        labels,
      ),
    gauge: (name, value, labels) =>
      remembered(gauges, name, () => otel.createGauge(name, described(name))).record(value, labels),
    observe: (name, value, labels = {}, trace) => {
      const { histogram, bounds } = remembered(histograms, name, () => {
        const buckets = instruments[name]?.buckets ?? defaultBuckets(name);
        const advice = { explicitBucketBoundaries: [...buckets] };
        const made = otel.createHistogram(name, { ...described(name), advice });
        return { histogram: made, bounds: buckets };
      });
      histogram.record(value, labels);
      exemplars?.note({ name, labels, bounds }, value, trace);
    },
  };
}

function remembered<T>(made: Map<string, T>, name: string, make: () => T): T {
  const known = made.get(name);
  if (known !== undefined) return known;
  const fresh = make();
  made.set(name, fresh);
  return fresh;
}

/** Buckets for a name by its unit: seconds, milliseconds, else powers of ten. */
function defaultBuckets(name: string): readonly number[] {
  if (/_seconds$/.test(name)) return SECONDS_BUCKETS;
  if (/_ms$/.test(name)) return SECONDS_BUCKETS.map((seconds) => seconds * 1_000);
  return [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
}

/** Where {@link timed} reads the time and writes what it measured. */
export interface TimedBy {
  readonly meter: Meter;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/**
 * Measures a handler's rate, errors and duration into one histogram with the labels handler and outcome (`ok`, or the
 * error's code).
 */
export async function timed<T>(by: TimedBy, handler: string, work: () => Promise<T>): Promise<T> {
  const startedMs = by.clock.monotonicMs();
  const record = (outcome: string): void => {
    const labels: Labels = { handler, outcome };
    by.meter.observe(HANDLER_DURATION, (by.clock.monotonicMs() - startedMs) / 1_000, labels);
  };
  try {
    const result = await work();
    record('ok');
    return result;
  } catch (error) {
    record(error instanceof AppError ? error.code : 'bug');
    throw error;
  }
}

/** Adds memory, processor, event-loop and uptime measurements. @returns how to end them. */
function measureProcess(otel: OtelMeter): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const gauge = (name: string, description: string, read: () => number): void =>
    otel.createObservableGauge(name, { description }).addCallback((out) => out.observe(read()));
  const startedAtSeconds = Math.round(Date.now() / 1_000 - process.uptime());
  gauge('process_start_time_seconds', 'When the process began, Unix time.', () => startedAtSeconds);
  gauge('process_resident_memory_bytes', 'Memory the process holds.', () =>
    process.memoryUsage.rss(),
  );
  gauge('nodejs_heap_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
  otel
    .createObservableCounter('process_cpu_seconds_total', { description: 'Processor time used.' })
    .addCallback((out) => {
      const { user, system } = process.cpuUsage();
      out.observe((user + system) / 1_000_000);
    });
  gauge('nodejs_eventloop_delay_p99_seconds', 'Event loop delay since the last look.', () => {
    const p99 = delay.percentile(99) / 1e9;
    delay.reset();
    return p99;
  });
  return () => delay.disable();
}
