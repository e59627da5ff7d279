import { symbolNames } from './bar-file.ts';
import type { Workload } from './bench-stack.ts';
import type { Benchmark, Figure, Result, RunOptions } from './benchmark.ts';
import type { HopTimes, SliceTimes } from './hop-times.ts';
import { cpuNote, type Played, play } from './play.ts';
import { spreadOf } from './spread.ts';

interface LatencyPlan {
  readonly name: string;
  readonly title: string;
  readonly workload: Workload;
  /** Slices played before the first that counts: code is compiled and caches are filled in them. */
  readonly warmUpSlices: number;
  /** Milliseconds. */
  readonly bars: { readonly p50?: number; readonly p99: number };
}

const PLANS: readonly LatencyPlan[] = [
  {
    name: 'latency-spread',
    title: 'bar published → order accepted, bars spread over time',
    workload: {
      plan: { symbols: symbolNames(10), slices: 800, bars: 'one by one' },
      trading: 10,
      symbolsPerBot: 5,
      slicesPerSecond: 10,
    },
    warmUpSlices: 200,
    bars: { p50: 8, p99: 25 },
  },
  {
    name: 'latency-burst-25',
    title: 'bar published → order accepted, 500 symbols closing at once, 25 trading',
    workload: {
      plan: { symbols: symbolNames(500), slices: 60, bars: 'all at once' },
      trading: 25,
      symbolsPerBot: 5,
      slicesPerSecond: 1,
    },
    warmUpSlices: 20,
    bars: { p99: 150 },
  },
  {
    name: 'latency-burst-500',
    title: 'bar published → order accepted, 500 symbols closing at once, all trading',
    workload: {
      plan: { symbols: symbolNames(500), slices: 40, bars: 'all at once' },
      trading: 500,
      symbolsPerBot: 25,
      slicesPerSecond: 0.5,
    },
    warmUpSlices: 15,
    bars: { p99: 400 },
  },
];

/** How long an order takes from the bar that it answers to the exchange's yes. */
export const latencyBenchmarks: readonly Benchmark[] = PLANS.map((plan) => ({
  name: plan.name,
  title: plan.title,
  run: (options) => measure(plan, options),
}));

async function measure(latency: LatencyPlan, options: RunOptions): Promise<Result> {
  const { name, title, workload, warmUpSlices, bars } = latency;
  const times = await play(workload, options);
  const counted = new Map([...times.slices].slice(warmUpSlices));
  const latencies = latenciesMs(times, counted);
  if (latencies.length === 0) throw new Error(`${name}: no order was accepted`);
  const spread = spreadOf(latencies);
  const less = (value: number) => ({ value, better: 'less' as const });
  const figures: readonly Figure[] = [
    {
      what: `${title}: p50`,
      value: spread.p50,
      unit: 'ms',
      spread,
      ...(bars.p50 === undefined ? {} : { bar: less(bars.p50) }),
    },
    { what: `${title}: p99`, value: spread.p99, unit: 'ms', spread, bar: less(bars.p99) },
    ...hops(counted),
  ];
  return { benchmark: name, how: howOf(latency), figures, notes: notesOf(times, latencies.length) };
}

/** From each order's own bar, as the bus stored it, to the event that says that it was accepted. */
function latenciesMs(
  { accepted }: HopTimes,
  counted: ReadonlyMap<number, SliceTimes>,
): readonly number[] {
  return accepted.flatMap(({ symbol, sliceEndUs, acceptedUs }) => {
    const barUs = counted.get(sliceEndUs)?.bars.get(symbol);
    return barUs === undefined ? [] : [(acceptedUs - barUs) / 1_000];
  });
}

type Moment = (times: SliceTimes) => number | undefined;

const HOPS: readonly { readonly what: string; readonly from: Moment; readonly to: Moment }[] = [
  {
    what: "the slice's first bar → closed (market-data publishes)",
    from: ({ bars }) => bars.values().next().value,
    to: (times) => times.closedUs,
  },
  {
    what: 'closed → first bot has answered (signal)',
    from: (times) => times.closedUs,
    to: (times) => times.firstSignalUs,
  },
  {
    what: 'first bot → last bot (signal)',
    from: (times) => times.firstSignalUs,
    to: (times) => times.lastSignalUs,
  },
  {
    what: 'last bot → approved (risk, and the exchange matching the slice)',
    from: (times) => times.lastSignalUs,
    to: (times) => times.approvedUs,
  },
  {
    what: 'approved → accepted (execution, exchange, two commits)',
    from: (times) => times.approvedUs,
    to: (times) => times.doneUs,
  },
];

function hops(counted: ReadonlyMap<number, SliceTimes>): readonly Figure[] {
  return HOPS.flatMap(({ what, from, to }) => {
    const values = [...counted.values()].flatMap((times) => {
      const [start, end] = [from(times), to(times)];
      return start === undefined || end === undefined ? [] : [(end - start) / 1_000];
    });
    if (values.length === 0) return [];
    const spread = spreadOf(values);
    return [{ what: `of it, ${what}`, value: spread.p50, unit: 'ms', spread }];
  });
}

function howOf({ workload, warmUpSlices }: LatencyPlan): string {
  const { plan, trading, symbolsPerBot, slicesPerSecond } = workload;
  const bots = Math.ceil(trading / symbolsPerBot);
  const bars = plan.bars === 'all at once' ? `${plan.symbols.length} bars` : 'one bar';
  return (
    `${plan.slices} slices of ${bars}, ${slicesPerSecond} a second, the first ${warmUpSlices} not counted; ` +
    `${bots} bots of ${symbolsPerBot} symbols trade on every bar. From the moment the bus stored the order's bar to the moment ` +
    'it stored the event that says that the exchange accepted the order, which is one commit later than the answer itself.'
  );
}

function notesOf({ accepted, refused, cpuMsPerSlice }: Played, counted: number): readonly string[] {
  return [
    `${counted} orders counted of ${accepted.length} accepted; ${refused} refused.`,
    cpuNote(cpuMsPerSlice),
    'Seven services, PostgreSQL with fsync, NATS with its default flushing, traces sampled at 1 % and sent.',
  ];
}
