import { dateOfDay, dayNumber } from '@capstan/calendar';
import type { FastifyInstance } from 'fastify';
import type { PathAction } from '../../market/daily-path.ts';
import type { EmulatorContext } from '../emulator-context.ts';
import { derivedUuid, utcText } from '../wire-text.ts';
import { countOf, listOf, type Query, textOf } from './query.ts';

const ACTIONS_STANDARD = 100;
const ACTIONS_MAX = 1_000;

type ActionType = 'forward_splits' | 'reverse_splits' | 'cash_dividends';

interface ListedAction {
  readonly type: ActionType;
  readonly exDate: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Adds the route of corporate actions: announced ones too, of the month that comes. */
export function addActionsRoutes(app: FastifyInstance, context: EmulatorContext): void {
  app.get('/v1/corporate-actions', ({ query }) => actionsPage(context, query as Query));
}

function actionsPage(context: EmulatorContext, query: Query): Record<string, unknown> {
  const { world } = context;
  const symbols = listOf(query, 'symbols');
  const types = listOf(query, 'types').map((type) => `${type.replace(/s$/, '')}s`);
  const today = utcText(context.now()).slice(0, 10);
  const start = textOf(query, 'start')?.slice(0, 10) ?? today;
  const end = textOf(query, 'end')?.slice(0, 10) ?? today;
  const announced = dateOfDay(dayNumber(today) + ANNOUNCED_DAYS);
  const found = (symbols.length > 0 ? symbols : world.symbols)
    .filter((symbol) => world.has(symbol))
    .toSorted()
    .flatMap((symbol) => world.actions(symbol).map((action) => listed(context, symbol, action)))
    .filter(({ exDate }) => exDate >= start && exDate <= end && exDate <= announced)
    .filter(({ type }) => types.length === 0 || types.includes(type));
  const limit = countOf(query, 'limit', ACTIONS_STANDARD, ACTIONS_MAX);
  const from = Number(Buffer.from(textOf(query, 'page_token') ?? '', 'base64url').toString());
  const page = found.slice(from, from + limit);
  const isLast = from + limit >= found.length;
  const byType: Partial<Record<ActionType, unknown[]>> = {};
  for (const { type, row } of page) {
    const rows = byType[type] ?? [];
    rows.push(row);
    byType[type] = rows;
  }
  const next = Buffer.from(String(from + limit)).toString('base64url');
  return { corporate_actions: byType, next_page_token: isLast ? null : next };
}

const ANNOUNCED_DAYS = 30;

function listed({ world }: EmulatorContext, symbol: string, action: PathAction): ListedAction {
  const { date: exDate } = world.days.at(action.index);
  const head = {
    id: derivedUuid('action', symbol, action.kind, exDate),
    symbol,
    ex_date: exDate,
    process_date: exDate,
    record_date: exDate,
  };
  const cusip = derivedUuid('cusip', symbol).replaceAll('-', '').slice(0, 9).toUpperCase();
  if (action.kind === 'dividend') {
    const pay = world.days.at(action.payIndex).date;
    const { perShare: rate } = action;
    const row = { ...head, cusip, rate, special: false, foreign: false, payable_date: pay };
    return { type: 'cash_dividends', exDate, row };
  }
  const rates = { new_rate: action.newShares, old_rate: action.oldShares, payable_date: exDate };
  if (action.newShares > action.oldShares) {
    return { type: 'forward_splits', exDate, row: { ...head, cusip, ...rates } };
  }
  const cusips = { old_cusip: cusip, new_cusip: `${cusip.slice(0, 8)}R`, new_symbol: symbol };
  return { type: 'reverse_splits', exDate, row: { ...head, ...cusips, ...rates } };
}
