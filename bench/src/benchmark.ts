/** Times in milliseconds of many things of one kind. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** One thing that was measured. */
export interface Figure {
  /** In words, with what it is counted from and to. */
  readonly what: string;
  readonly value: number;
  /** Such as `ms`, `bars/s` or `MiB`. */
  readonly unit: string;
  /** What it must reach, where something was promised. */
  readonly bar?: { readonly value: number; readonly better: 'less' | 'more' };
  /** The times behind the value, where it is one of many. */
  readonly spread?: Spread;
}

/** What a benchmark found. */
export interface Result {
  readonly benchmark: string;
  /** How it was measured, in a sentence or two. */
  readonly how: string;
  readonly figures: readonly Figure[];
  /** Further lines for people: what else was seen. */
  readonly notes: readonly string[];
}

/** What a run is told. */
export interface RunOptions {
  /** Writes a CPU profile of this service. */
  readonly profile: string | undefined;
  /** Folder of the profiles. */
  readonly profileDir: string;
  /** Says how far it is. */
  readonly say: (line: string) => void;
}

/** Something that can be measured by name. */
export interface Benchmark {
  readonly name: string;
  /** One line for the list of benchmarks. */
  readonly title: string;
  run(options: RunOptions): Promise<Result>;
}

/** Tells whether a figure reaches its bar; `undefined` where it has none. */
export function isReached({ value, bar }: Figure): boolean | undefined {
  if (bar === undefined) return undefined;
  return bar.better === 'less' ? value <= bar.value : value >= bar.value;
}
