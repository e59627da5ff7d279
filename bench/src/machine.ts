import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** Where figures were taken: without it they say nothing. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGib: number;
  readonly node: string;
  readonly system: string;
  /** Processes that wanted a core over the last minute, before the benchmark began. */
  readonly load: number;
  readonly commit: string;
  /** ISO 8601, to the minute. */
  readonly at: string;
}

/** Describes this machine as it is now. */
export function thisMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    system: `${process.platform} ${release()} ${process.arch}`,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    commit: commitHere(),
    at: `${new Date().toISOString().slice(0, 16)}Z`,
  };
}

function commitHere(): string {
  try {
    const args = ['describe', '--always', '--dirty'];
    return execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
