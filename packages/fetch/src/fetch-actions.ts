import { dayNumber } from '@capstan/calendar';
import type { MarketAction } from '@capstan/domain';
import {
  type CorporateAction,
  type Lake,
  readAsked,
  recordAsked,
  sortActions,
  withoutSpans,
  writeStoredActions,
} from '@capstan/lake';
import type { MarketDataVenue } from '@capstan/ports';
import type { FetchSettings } from './fetch-settings.ts';
import { ACTIONS_SYMBOLS_MAX } from './limits.ts';
import { startOfDay } from './plan-fetch.ts';

const ACTIONS = 'actions';

/**
 * Asks for splits and dividends of symbols, and puts them in place of what the lake has of those days. Symbols that were asked for these
 * days before are asked again only where bars came, as actions are told late.
 * @returns how many the lake has of each symbol that was asked for.
 */
export async function fetchActions(
  { lake, venue }: { readonly lake: Lake; readonly venue: MarketDataVenue },
  settings: FetchSettings,
  asked: {
    readonly symbols: readonly { readonly symbol: string; readonly isNew: boolean }[];
    readonly untilDate: string;
  },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { source, fromDate } = settings;
  const { untilDate } = asked;
  const span = {
    fromUs: startOfDay(dayNumber(fromDate)),
    toUs: startOfDay(dayNumber(untilDate) + 1),
  };
  const wanted: string[] = [];
  for (const { symbol, isNew } of asked.symbols) {
    const all = await readAsked(lake.root, settings.venue, symbol);
    const before = all.find((one) => one.of === ACTIONS && one.source === source);
    const isMissing = withoutSpans(span, before?.spans ?? []).length > 0;
    if (isNew || isMissing) wanted.push(symbol);
  }
  const counts = new Map<string, number>();
  for (let at = 0; at < wanted.length; at += ACTIONS_SYMBOLS_MAX) {
    const symbols = wanted.slice(at, at + ACTIONS_SYMBOLS_MAX);
    const found = new Map(symbols.map((symbol) => [symbol, [] as CorporateAction[]]));
    const request = { symbols, fromDate, toDate: untilDate };
    for await (const page of venue.actions(request, signal)) {
      for (const action of page) found.get(action.symbol)?.push(storedAction(action));
    }
    for (const [symbol, actions] of found) {
      const of = { venue: settings.venue, symbol };
      counts.set(symbol, await store(lake, { ...of, source, fromDate, untilDate }, actions));
      await recordAsked(lake.root, of, { of: ACTIONS, source, spans: [span] });
    }
  }
  return counts;
}

/** Puts actions in place of those of the same days. @returns how many the symbol has now. */
async function store(
  lake: Lake,
  of: {
    readonly venue: string;
    readonly symbol: string;
    readonly source: string;
    readonly fromDate: string;
    readonly untilDate: string;
  },
  actions: readonly CorporateAction[],
): Promise<number> {
  const { venue, symbol, source, fromDate, untilDate } = of;
  const before = await lake.actions(venue, symbol);
  const others = (before?.actions ?? []).filter(
    ({ exDate }) => exDate < fromDate || exDate > untilDate,
  );
  const all = sortActions(unlike([...others, ...actions]));
  if (before === undefined && all.length === 0) return 0;
  const text = JSON.stringify(all);
  if (before !== undefined && JSON.stringify(before.actions) === text) return all.length;
  const digest = await sha256(text);
  const sources = (before?.sources ?? []).filter(({ name }) => name !== source);
  await writeStoredActions(lake.root, {
    ...{ venue, symbol, actions: all },
    sources: [...sources, { name: source, sha256: digest }],
  });
  return all.length;
}

function storedAction(action: MarketAction): CorporateAction {
  const { kind, exDate } = action;
  if (kind === 'split') {
    return { kind, exDate, newShares: action.newUnits, oldShares: action.oldUnits };
  }
  const pay = action.payDate === undefined ? {} : { payDate: action.payDate };
  return { kind, exDate, ...pay, amountPerUnitNanos: action.perUnitNanos };
}

/** Each once: a vendor may tell an action on two pages. */
function unlike(actions: readonly CorporateAction[]): readonly CorporateAction[] {
  return [...new Map(actions.map((action) => [JSON.stringify(action), action])).values()];
}

async function sha256(text: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(text).digest('hex');
}
