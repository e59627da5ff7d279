import { isTerminal, type Order, timeUs } from '@capstan/domain';
import {
  CALL_FAULTS,
  type FaultRates,
  runSim,
  type SimReport,
  type SimWorld,
} from '@capstan/testkit/sim';
import type { JournalEntry } from '../../../services/paper-exchange/src/journal.ts';
import { Amendments } from './amended-venue.ts';
import { checkExits } from './check-exits.ts';
import { checkWatched } from './check-watched.ts';
import type { Ending } from './ending.ts';
import { Invariants } from './invariants/invariants.ts';
import { MarketTime } from './market-time.ts';
import { isAtRest, operatedEnding } from './operated-ending.ts';
import { type Stage, startOperated, startProcesses } from './processes.ts';
import { compare, journaled, OUTCOME_KINDS, type Outcome, playPure } from './pure-outcome.ts';
import { BOTS, drawScenario, LIMIT, RUN_ID } from './scenario.ts';
import { isOperated, type WorldKind } from './world-kinds.ts';

/** At most one order an id ever reaches the exchange, none that was crossed, and nothing there is unknown to the journal. */
async function checkExchange(
  world: SimWorld,
  memory: readonly JournalEntry[],
  crossed: ReadonlySet<string>,
): Promise<void> {
  const submitted = new Set<string>();
  for (const entry of memory) {
    if (entry.kind === 'input' && entry.input.kind === 'submit')
      submitted.add(entry.input.order.orderId);
  }
  const orders = await world.store.orders({ runId: RUN_ID, limit: LIMIT });
  const known = new Set(orders.map((order) => order.orderId));
  const foreign = [...submitted].filter((orderId) => !known.has(orderId));
  if (foreign.length > 0)
    throw new Error(`orders at the exchange that nobody journaled: ${foreign.join(', ')}`);
  const doubled = [...submitted].filter((orderId) => crossed.has(orderId));
  if (doubled.length > 0)
    throw new Error(`orders at the exchange that another bot has filled: ${doubled.join(', ')}`);
  const unsettled = orders.filter(
    (order) => order.state === 'unknown' || order.state === 'submitting',
  );
  if (unsettled.length > 0)
    throw new Error(`orders left unsettled: ${unsettled.map((one) => one.orderId).join(', ')}`);
}

/** Slices that are played unless told. */
export const SLICES = 40;

/** When nothing goes wrong any more, and when a world that has not come to rest is given up, in virtual milliseconds. */
const FAULTS_UNTIL_MS = 30_000;
const UNTIL_MS = 600_000;

/** How often an owner stands still at a call where worlds are about that. */
const FREEZES_A_CALL = 0.02;

/** How often it is looked whether a world is through, in virtual milliseconds. */
const LOOK_MS = 1_000;

export interface PlatformRun {
  readonly seed: number;
  /** Slices that are played. */
  readonly slices?: number;
  /** The numbers of the faults that may strike, of those that the seed draws; all unless told. */
  readonly onlyFaults?: readonly number[] | undefined;
  /** What the world is about; `compared` unless told. */
  readonly kind?: WorldKind;
  /** How much more often calls go wrong than usual; 1 unless told. */
  readonly storm?: number;
  /** How often some faults strike instead, of all times that they could. */
  readonly rates?: Partial<FaultRates>;
  /** Called with the number of orders that closed for an exit, where they are watched. */
  readonly onClosed?: (orders: number) => void;
  /** Called with the number of orders that other bots have filled. */
  readonly onCrossed?: (orders: number) => void;
  /** Lets a test break the world on purpose. */
  readonly spoil?: (world: SimWorld) => void;
}

/** Returns the command that runs a world again. */
export function commandOf(run: PlatformRun): string {
  const { seed, slices = SLICES, onlyFaults, kind = 'compared', storm = 1 } = run;
  const shorter = slices === SLICES ? '' : ` --slices ${slices}`;
  const fewer = onlyFaults === undefined ? '' : ` --faults ${onlyFaults.join(',') || 'none'}`;
  const other = kind === 'compared' ? '' : ` --${kind}`;
  const stronger = storm === 1 ? '' : ` --storm ${storm}`;
  return `npm run sim -- --seed ${seed}${shorter}${fewer}${other}${stronger}`;
}

/** Deaths and freezes at calls stay rare: a platform that only recovers does nothing that could go wrong. */
const AS_OFTEN: readonly string[] = ['crashAtCall', 'freezeAtCall'];
const RATE_MAX = 0.4;

function ratesOf(kind: WorldKind, storm: number): Partial<FaultRates> {
  const rates = Object.entries(CALL_FAULTS).map(([fault, rate]) => {
    const often = AS_OFTEN.includes(fault) ? rate : Math.min(storm * rate, RATE_MAX);
    return [fault, Math.max(rate, often)];
  });
  return {
    ...(Object.fromEntries(rates) as Partial<FaultRates>),
    ...(kind === 'thawed' ? { freezeAtCall: FREEZES_A_CALL } : {}),
  };
}

/**
 * Runs market-data, signal, risk, execution and the paper exchange together in virtual time, with everything going wrong that a seed
 * asks for. What must always hold is required all along; at the end, that the world came to what its kind says.
 * @throws SimFailure naming the seed and the command that replays it.
 */
export async function runPlatform(run: PlatformRun): Promise<SimReport> {
  const { seed, slices = SLICES, onlyFaults, spoil, kind = 'compared', storm = 1 } = run;
  const scenario = drawScenario(seed, slices, kind);
  const memory: JournalEntry[] = [];
  const lastUs = scenario.played.at(-1)?.endUs ?? timeUs(0);
  let ending: Ending | undefined;
  let crossed: ReadonlySet<string> = new Set();
  let through = false;
  const look = async (world: SimWorld): Promise<void> => {
    if (world.faults.active) return;
    const bots = await world.store.bots({});
    through =
      bots.length === BOTS.length &&
      bots.every((bot) => bot.lastSliceEndUs === lastUs) &&
      (await ending?.isSettled()) === true;
  };
  return runSim({
    seed,
    untilMs: UNTIL_MS,
    faultsUntilMs: FAULTS_UNTIL_MS,
    onlyFaults,
    faults: { ...ratesOf(kind, storm), ...run.rates },
    build: (world) => {
      spoil?.(world);
      const invariants = new Invariants(world, scenario);
      crossed = invariants.crossings.orders;
      const marketTime = kind === 'live' ? new MarketTime(world) : undefined;
      const amendments = new Amendments();
      const stage = { world, scenario, memory, invariants, amendments, desk: {}, marketTime };
      startProcesses(stage);
      if (isOperated(kind)) startOperated(stage, seed);
      ending = endingOf(kind, stage, run);
      for (let ms = LOOK_MS; ms < UNTIL_MS; ms += LOOK_MS) world.at(ms, () => void look(world));
    },
    done: () => through,
    check: async (world) => {
      await checkExchange(world, memory, crossed);
      await ending?.check();
      run.onCrossed?.(crossed.size);
    },
    replay: () => commandOf(run),
  });
}

function endingOf(kind: WorldKind, stage: Stage, run: PlatformRun): Ending {
  switch (kind) {
    case 'compared':
    case 'thawed':
      return comparedEnding(stage, playPure(stage.scenario));
    case 'watched':
      return watchedEnding(stage, run);
    case 'operated':
    case 'live':
      return operatedEnding(stage);
  }
}

/** It is what a run without faults comes to. */
function comparedEnding({ world }: Stage, pure: Outcome): Ending {
  const ordersOf = (outcome: Outcome) =>
    outcome.orders.map((row) => JSON.parse(String(row)) as Order);
  const ended = (orders: readonly Order[]) => orders.filter((one) => isTerminal(one.state)).length;
  const endedInAll = ended(ordersOf(pure));
  return {
    isSettled: async () => {
      const live = await journaled(world);
      const orders = ordersOf(live);
      return (
        OUTCOME_KINDS.every((kind) => live[kind].length >= pure[kind].length) &&
        orders.every(({ state }) => state !== 'unknown' && state !== 'submitting') &&
        ended(orders) >= endedInAll
      );
    },
    check: async () => {
      compare(await journaled(world), pure);
      await checkExits(world, RUN_ID);
    },
  };
}

/** What closed for an exit closed what was held, and nothing is lost. */
function watchedEnding(stage: Stage, run: PlatformRun): Ending {
  const { world, invariants } = stage;
  return {
    isSettled: () => Promise.resolve(isAtRest(stage)),
    check: async () => run.onClosed?.(await checkWatched(world, RUN_ID, invariants.truth.exchange)),
  };
}
