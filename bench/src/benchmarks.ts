import { alpacaOrderBenchmark } from './alpaca-order.ts';
import { backtestStartBenchmark } from './backtest-start.ts';
import type { Benchmark } from './benchmark.ts';
import { fetchBenchmark } from './fetch.ts';
import { killBenchmark } from './kill-latency.ts';
import { latencyBenchmarks } from './latency.ts';
import { liveFeedBenchmark } from './live-feed.ts';
import { liveLoadBenchmark } from './live-load.ts';
import { memoryBenchmark } from './memory.ts';
import { researchBenchmarks } from './research.ts';
import { resumeBenchmark } from './resume.ts';
import { coreBenchmark, simBenchmark } from './simulation.ts';
import { startBenchmark } from './start.ts';
import { throughputBenchmark } from './throughput.ts';
import { workBenchmarks } from './workloads.ts';

/** Every benchmark there is, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  ...latencyBenchmarks,
  throughputBenchmark,
  killBenchmark,
  resumeBenchmark,
  startBenchmark,
  simBenchmark,
  coreBenchmark,
  ...workBenchmarks,
  backtestStartBenchmark,
  fetchBenchmark,
  liveFeedBenchmark,
  liveLoadBenchmark,
  alpacaOrderBenchmark,
  ...researchBenchmarks,
  memoryBenchmark,
];
