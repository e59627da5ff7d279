import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark, Figure } from './benchmark.ts';
import type { ResearchFound } from './research-child.ts';

const CHILD = join(import.meta.dirname, 'research-child.ts');
const MILLION = 1_000_000;
const READ_MILLION_MIN = 7;
const REPORT_S_MAX = 3;
const REPORT_MB_MAX = 5;

/** Measures in a process of its own. */
async function find(name: string): Promise<ResearchFound> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, name]);
  return JSON.parse(stdout) as ResearchFound;
}

const memory = (rssMib: number): Figure => {
  return { what: 'peak memory', value: rssMib, unit: 'MiB' };
};

const lakeReadBenchmark: Benchmark = {
  name: 'lake-read',
  title: 'bars of the lake, from Parquet into columns',
  run: async () => {
    const { rows, seconds, cpuSeconds, bytes, rssMib, digest } = await find('lake-read');
    const unit = 'million rows/s';
    const bar = { value: READ_MILLION_MIN, better: 'more' } as const;
    return {
      benchmark: 'lake-read',
      how: `${rows.toLocaleString('en-US')} seeded minutes with prices in cents, in files a year, read by \`Lake.read\` into seven columns: files found, sizes and order of all bars checked. The quickest and the least of several, with the files in the page cache.`,
      figures: [
        { what: 'by processor time of all threads', value: rows / cpuSeconds / MILLION, unit, bar },
        { what: 'by the clock', value: rows / seconds / MILLION, unit, bar },
        { what: 'on disk', value: bytes / rows, unit: 'bytes a bar' },
        memory(rssMib),
      ],
      notes: [
        `What was read is what was written; fingerprint ${digest}.`,
        'Other processes that want the same cores make it slower by the clock.',
      ],
    };
  },
};

const reportBenchmark: Benchmark = {
  name: 'report',
  title: 'the report of a million bars: trades, metrics and page',
  run: async () => {
    const { rows, seconds, cpuSeconds, bytes, rssMib, digest } = await find('report');
    return {
      benchmark: 'report',
      how: 'Work A at the next open: from its result to the text of `report.html`, with trades and all metrics. The quickest and the least of several.',
      figures: [
        {
          what: 'by processor time of all threads',
          value: cpuSeconds,
          unit: 's',
          bar: { value: REPORT_S_MAX, better: 'less' },
        },
        {
          what: 'by the clock',
          value: seconds,
          unit: 's',
          bar: { value: REPORT_S_MAX, better: 'less' },
        },
        {
          what: 'size of the page',
          value: bytes / MILLION,
          unit: 'MB',
          bar: { value: REPORT_MB_MAX, better: 'less' },
        },
        { what: 'bars reported', value: rows / seconds / MILLION, unit: 'million bars/s' },
        memory(rssMib),
      ],
      notes: [`Digest of the run ${digest}.`],
    };
  },
};

/** What research does beside running: reading and reporting. */
export const researchBenchmarks: readonly Benchmark[] = [lakeReadBenchmark, reportBenchmark];
