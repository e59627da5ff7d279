import { isDeepStrictEqual } from 'node:util';
import { isTerminal, type Order } from '@capstan/domain';
import { type Outcome, settled } from '../world.ts';
import type { Evidence } from './evidence.ts';

/** A promise, and what speaks against it. */
export interface Finding {
  readonly promise: string;
  /** Empty where it was kept. */
  readonly problems: readonly string[];
}

/** Most problems that are told of a promise; the rest is counted. */
const TOLD_MAX = 3;

/** Holds what is known against what is promised. */
export function verdictOf(evidence: Evidence): readonly Finding[] {
  return PROMISES.map(([promise, problemsOf]) => ({
    promise,
    problems: shortened(problemsOf(evidence)),
  }));
}

function shortened(problems: readonly string[]): readonly string[] {
  if (problems.length <= TOLD_MAX) return problems;
  return [...problems.slice(0, TOLD_MAX), `and ${problems.length - TOLD_MAX} more`];
}

const PROMISES: readonly (readonly [string, (evidence: Evidence) => readonly string[]])[] = [
  ['each slice was told once', toldOnce],
  ['no order was placed twice', placedOnce],
  ['no order was lost', noneLost],
  ['everything decided and filled is what an undisturbed run decides and fills', asUndisturbed],
  ["the ledger is the venue's truth", asTheVenue],
  ['the bus holds what was committed, and nothing else', ({ bus }) => bus.problems],
  ['nothing is left unknown or under way', nothingUnknown],
  ['equity is conserved', conserved],
  ['no drift is open', ({ openDrifts }) => (openDrifts === 0 ? [] : [`${openDrifts} are open`])],
  ['every service was ready again', ({ notReady }) => notReady],
];

function toldOnce({ tellings }: Evidence): readonly string[] {
  if (tellings.size === 0) return ['no slice was told'];
  return [...tellings]
    .filter(([, times]) => times !== 1)
    .map(([end, times]) => `the slice of ${end} was told ${times} times`);
}

/** Two orders of one purpose, or more of one than was asked for. */
function placedOnce({ live, arrivals }: Evidence): readonly string[] {
  const problems: string[] = [];
  const byPurpose = new Map<string, string>();
  for (const order of live.orders) {
    const purpose = `${order.intentId} leg ${order.leg} attempt ${order.attempt}`;
    const other = byPurpose.get(purpose);
    if (other !== undefined) problems.push(`${other} and ${order.orderId} serve the same intent`);
    byPurpose.set(purpose, order.orderId);
  }
  const filled = filledOf(live);
  for (const order of live.orders) {
    const quantity = filled.get(order.orderId) ?? 0;
    if (quantity > order.quantity)
      problems.push(`${order.orderId} filled ${quantity} of ${order.quantity}`);
    if (quantity !== order.filledQuantity)
      problems.push(`${order.orderId} says ${order.filledQuantity}, its fills say ${quantity}`);
  }
  const known = new Set(live.orders.map((one) => one.orderId));
  for (const orderId of arrivals.keys()) {
    if (!known.has(orderId)) problems.push(`${orderId} is at the venue and in no journal of ours`);
  }
  return problems;
}

function filledOf({ fills }: Outcome): ReadonlyMap<string, number> {
  const filled = new Map<string, number>();
  for (const { orderId, quantity } of fills)
    filled.set(orderId, (filled.get(orderId) ?? 0) + quantity);
  return filled;
}

/** Orders that the venue makes by itself, as an entry fills, never arrive there. */
const isSent = ({ leg, state }: Order): boolean => leg === 0 && state !== 'denied';

function noneLost({ live, pure, arrivals }: Evidence): readonly string[] {
  const journaled = new Set(live.orders.map((one) => one.orderId));
  return [
    ...live.orders
      .filter((order) => isSent(order) && !arrivals.has(order.orderId))
      .map((order) => `${order.orderId} is ${order.state} and never arrived at the venue`),
    ...pure.orders
      .filter((order) => !journaled.has(order.orderId))
      .map((order) => `${order.orderId} was never made`),
  ];
}

const KINDS = {
  signals: 'signalId',
  intents: 'intentId',
  denials: 'denialId',
  orders: 'orderId',
  fills: 'fillId',
} as const;

function asUndisturbed({ live, pure }: Evidence): readonly string[] {
  if (pure.orders.length === 0 || pure.fills.length === 0) return ['nothing was traded'];
  const [ours, theirs] = [settled(live), settled(pure)] as [Outcome, Outcome];
  return (Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((kind) =>
    differences(kind, rowsOf(ours, kind), rowsOf(theirs, kind)),
  );
}

type Row = Readonly<Record<string, unknown>>;

/** Returns rows by their id, without what is not there at all. */
function rowsOf(outcome: Outcome, kind: keyof typeof KINDS): ReadonlyMap<string, Row> {
  const rows = JSON.parse(JSON.stringify(outcome[kind])) as readonly Row[];
  return new Map(rows.map((row) => [String(row[KINDS[kind]]), row]));
}

function differences(
  kind: string,
  ours: ReadonlyMap<string, Row>,
  theirs: ReadonlyMap<string, Row>,
): readonly string[] {
  const ids = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return ids.flatMap((id) => {
    const [our, their] = [ours.get(id), theirs.get(id)];
    if (our === undefined) return [`${kind}: ${id} is missing`];
    if (their === undefined) return [`${kind}: ${id} is one too many`];
    const keys = [...new Set([...Object.keys(our), ...Object.keys(their)])].sort();
    const told = keys
      .filter((key) => !isDeepStrictEqual(our[key], their[key]))
      .map((key) => `${key} ${JSON.stringify(our[key])}, not ${JSON.stringify(their[key])}`);
    return told.length === 0 ? [] : [`${kind}: ${id} has ${told.join('; ')}`];
  });
}

function asTheVenue({ live, account, equity }: Evidence): readonly string[] {
  const held = new Map<string, number>();
  for (const { symbol, side, quantity } of live.fills)
    held.set(symbol, (held.get(symbol) ?? 0) + (side === 'buy' ? quantity : -quantity));
  const theirs = new Map(account.positions.map((one) => [one.symbol, Number(one.quantity)]));
  const symbols = [...new Set([...held.keys(), ...theirs.keys()])].sort();
  const problems = symbols
    .filter((symbol) => (held.get(symbol) ?? 0) !== (theirs.get(symbol) ?? 0))
    .map(
      (symbol) =>
        `${symbol}: the ledger holds ${held.get(symbol) ?? 0}, the venue ${theirs.get(symbol) ?? 0}`,
    );
  if (equity?.cashMicros !== account.cashMicros)
    problems.push(`cash: the ledger has ${equity?.cashMicros}, the venue ${account.cashMicros}`);
  return problems;
}

/** States of an order about which the venue has not yet spoken clearly. */
const UNCLEAR: readonly string[] = ['approved', 'submitting', 'unknown', 'cancelling', 'replacing'];

function nothingUnknown({ live, openOrders }: Evidence): readonly string[] {
  const open = new Set(openOrders.map((one) => one.orderId));
  const ours = live.orders.filter((order) => !isTerminal(order.state));
  const known = new Set(ours.map((one) => one.orderId));
  return [
    ...ours
      .filter((order) => UNCLEAR.includes(order.state))
      .map((order) => `${order.orderId} is ${order.state}`),
    ...ours
      .filter((order) => !open.has(order.orderId))
      .map((order) => `${order.orderId} is ${order.state} here and not open at the venue`),
    ...[...open]
      .filter((orderId) => !known.has(orderId))
      .map((orderId) => `${orderId} is open at the venue and not here`),
  ];
}

function conserved({ equity, openingCashMicros }: Evidence): readonly string[] {
  if (equity === undefined) return ['there is no equity'];
  const { cashMicros, marketValueMicros, realisedMicros, unrealisedMicros, feesMicros } = equity;
  const worth = cashMicros + marketValueMicros;
  const earned = openingCashMicros + realisedMicros + unrealisedMicros - feesMicros;
  return worth === earned ? [] : [`worth ${worth}, begun with and earned ${earned}`];
}
