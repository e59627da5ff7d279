import type { BarSlice } from '@capstan/domain';
import { graphTimeframes, resolveParameters } from '@capstan/strategy';
import { DecisionCore, type RunBot, type RunStep, type RunWord } from '../decision-core.ts';
import { PLAIN_EXCHANGE } from '../exchange-behaviour.ts';
import { runNames } from '../run/backtest-spec.ts';
import { slicesOf, type TestWorld } from '../run/test-run-world.ts';
import type { Difference } from './difference.ts';
import { Replay, type ReplayEvent, type ReplaySettings } from './replay.ts';

const FEED = 'feed';
const ACCOUNT = 'account';

/** A run as live would journal it, and what a replay of it is made of. */
export interface Journal {
  readonly settings: ReplaySettings;
  readonly setups: readonly RunBot[];
  readonly events: readonly ReplayEvent[];
}

/** Sessions of the worlds: their days of UTC. */
const utcDate = (us: number): string => new Date(us / 1_000).toISOString().slice(0, 10);

/** Plays a world in which what one bot buys the other sells, and both fill each other. */
export function crossedJournalOf({ spec, series }: TestWorld): Journal {
  const { limits, params } = spec;
  const crossed = { ...spec, limits: { ...limits, crossing: 'internal' } as const };
  return journalOf({ spec: crossed, series }, { ...params, turn: 2 });
}

/**
 * Plays a world by two bots of one account, and writes down what the services would.
 * @param others parameters of the second bot.
 */
export function journalOf({ spec, series }: TestWorld, others = spec.params): Journal {
  const { strategy, params, timeframe, sizing, limits, instruments, calendarOf, schedule } = spec;
  const { configRevision } = runNames(spec);
  const symbols = series.map((one) => one.symbol);
  const setups: readonly RunBot[] = ['a', 'b'].map((botId) => ({
    ...{ botId, accountId: ACCOUNT, configRevision, feed: FEED, strategy, symbols },
    ...{ params: botId === 'a' ? params : others, timeframe, sizing },
    ...(schedule === undefined ? {} : { schedule }),
  }));
  const behaviour = { ...PLAIN_EXCHANGE, matcher: spec.matcher };
  const accounts = [
    { accountId: ACCOUNT, currency: 'USD', cashMicros: spec.cashMicros, limits },
  ] as const;
  const world = { runId: spec.runId, accounts, behaviour, instruments, calendarOf };
  const core = new DecisionCore({ ...world, bots: setups });
  const graph = strategy.indicators(resolveParameters(strategy, params));
  const slices = slicesOf(series, graphTimeframes(graph, timeframe));
  const begin = setups.map((setup): ReplayEvent => ({ kind: 'begin', setup, history: [] }));
  return {
    settings: { ...world, modelled: new Set([ACCOUNT]), tradeDate: utcDate },
    setups,
    events: [...begin, ...slices.flatMap((slice) => eventsOf(slice, core.step(slice)))],
  };
}

function eventsOf(slice: BarSlice, { words }: RunStep): readonly ReplayEvent[] {
  const at = { feed: slice.feed, sliceEndUs: slice.endUs };
  const begun: ReplayEvent = { kind: 'slice', slice, late: [] };
  const [matched, ...rest] = words.map((word) => eventsOfWord(word, at));
  const said = words.flatMap((word) => (word.kind === 'decided' ? word.slices : []));
  const told = said.map((one): ReplayEvent => ({ kind: 'said', said: one, isSilent: false }));
  return [begun, ...told, ...(matched ?? []), ...rest.flat()];
}

function eventsOfWord(
  word: RunWord,
  at: { readonly feed: string; readonly sliceEndUs: BarSlice['endUs'] },
): readonly ReplayEvent[] {
  const { accountId } = word;
  if (word.kind === 'decided') {
    const { denials, orders, cancelOrderIds, crosses } = word;
    return [
      { kind: 'denied', accountId, denials },
      { kind: 'decided', accountId, ...at, orders, cancelOrderIds, crosses },
    ];
  }
  const { orders, fills } = word;
  return [
    { kind: 'orders', accountId, orders },
    { kind: 'fills', accountId, entries: fills, venueSlice: at },
  ];
}

/** Replays a journal, whole. */
export function differencesOf(
  { settings }: Journal,
  events: readonly ReplayEvent[],
): readonly Difference[] {
  const replay = new Replay(settings);
  return [...events.flatMap((event) => replay.take(event)), ...replay.settle()];
}
