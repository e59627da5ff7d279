import { parseArgs } from 'node:util';
import type { PlatformRun } from './platform-world.ts';
import type { WorldKind } from './world-kinds.ts';

const USAGE = `Runs the whole platform in simulated worlds in which everything goes wrong.

  npm run sim -- --seed N          replays one world and says how it ended; one that fails is shrunk
      --slices S                   plays S slices only
      --faults 3,17                lets only these of its faults strike, by number ('none': no fault)
      --watched                    at a venue that keeps no exits, so that they are watched
      --thawed                     with owners that stand still until a successor has their keys
      --operated                   with people and the venue acting on it, at a venue of any kind
      --live                       as that, by the clock on the wall: decisions grow old on their way
      --storm X                    calls go wrong X times as often
  npm run sim -- --count N         runs N worlds (--from S: beginning with seed S), of each kind in turn unless told
  npm run sim -- --minutes M       runs fresh worlds for M minutes (Ctrl-C ends sooner)
      --workers W                  W worlds at a time, one a core unless told
  npm run sim -- --mutants         breaks the code in known ways, and sees each caught
  npm run sim -- --mutant NAME     breaks it in one of them
`;

/** What the command line asks for. */
export type SimArguments =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'mutants' }
  | { readonly kind: 'mutant'; readonly name: string }
  | { readonly kind: 'replay'; readonly run: PlatformRun }
  | {
      readonly kind: 'many';
      readonly from: number;
      readonly count: number;
      /** Ends before the next world once so many minutes have passed. */
      readonly minutes?: number;
      /** What all of them are about; of each kind in turn unless told. */
      readonly world?: WorldKind;
      /** How much more often calls go wrong than usual; 1 unless told. */
      readonly storm?: number;
      /** How many worlds run at the same time; one a core unless told. */
      readonly workers?: number;
    };

/** A command line that asks for nothing that there is: its message says what is wrong and what may be asked. */
export class UsageError extends Error {}

const OPTIONS = {
  seed: { type: 'string' },
  slices: { type: 'string' },
  faults: { type: 'string' },
  watched: { type: 'boolean' },
  operated: { type: 'boolean' },
  live: { type: 'boolean' },
  thawed: { type: 'boolean' },
  storm: { type: 'string' },
  count: { type: 'string' },
  from: { type: 'string' },
  workers: { type: 'string' },
  minutes: { type: 'string' },
  mutants: { type: 'boolean' },
  mutant: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads a command line.
 * @throws UsageError where it asks for nothing that there is.
 */
export function readArguments(args: readonly string[]): SimArguments {
  const values = parse(args);
  if (values.help === true) return { kind: 'help', text: USAGE };
  if (values.mutants === true) return { kind: 'mutants' };
  if (values.mutant !== undefined) return { kind: 'mutant', name: values.mutant };
  const [seed, slices, count, from, threads] = (
    ['seed', 'slices', 'count', 'from', 'workers'] as const
  ).map((name) => whole(name, values[name]));
  const workers = threads === undefined ? {} : { workers: Math.max(1, threads) };
  const storm = stormOf(values.storm);
  if (seed !== undefined) {
    const onlyFaults = values.faults === undefined ? undefined : faultsOf(values.faults);
    return {
      kind: 'replay',
      run: {
        ...{ seed, onlyFaults },
        ...kindOf(values),
        ...storm,
        ...(slices === undefined ? {} : { slices }),
      },
    };
  }
  if ([values.slices, values.faults].some((one) => one !== undefined)) {
    throw new UsageError('--slices and --faults are of one world: say which by --seed N.');
  }
  if (values.minutes !== undefined) {
    const minutes = Number(values.minutes);
    if (!(minutes > 0)) throw new UsageError(`--minutes ${values.minutes}: say a number above 0.`);
    const fresh = Date.now() % 1_000_000_000;
    const most = count ?? Number.MAX_SAFE_INTEGER;
    return {
      kind: 'many',
      from: from ?? fresh,
      count: most,
      minutes,
      ...workers,
      ...worldOf(values),
      ...storm,
    };
  }
  if (count === undefined) throw new UsageError(USAGE);
  return { kind: 'many', from: from ?? 1, count, ...workers, ...worldOf(values), ...storm };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function stormOf(text: string | undefined): { readonly storm?: number } {
  if (text === undefined) return {};
  const storm = Number(text);
  if (!(storm >= 1 && storm <= 100)) {
    throw new UsageError(`--storm ${text}: say a number from 1 to 100.`);
  }
  return { storm };
}

type KindFlags = Readonly<Partial<Record<Exclude<WorldKind, 'compared'>, boolean>>>;

function worldOf(values: KindFlags): { readonly world?: WorldKind } {
  const { kind } = kindOf(values);
  return kind === undefined ? {} : { world: kind };
}

function kindOf(values: KindFlags): { readonly kind?: WorldKind } {
  const [kind, another] = (['watched', 'operated', 'thawed', 'live'] as const).filter(
    (one) => values[one] === true,
  );
  if (another !== undefined) throw new UsageError(`--${kind} and --${another}: say one of them.`);
  return kind === undefined ? {} : { kind };
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${name} ${text}: say a whole number.`);
  return Number(text);
}

function faultsOf(text: string): readonly number[] {
  if (text === 'none') return [];
  if (!/^\d{1,9}(,\d{1,9})*$/.test(text)) {
    throw new UsageError(`--faults ${text}: say numbers with commas between, or 'none'.`);
  }
  return text.split(',').map(Number);
}
