import { isTerminal, type Order } from '@capstan/domain';
import { DRIFTED_CASH } from '@capstan/risk';
import type { Ending } from './ending.ts';
import type { Stage } from './processes.ts';
import { ACCOUNT_ID, BOTS, CASH, LIMIT, SYMBOLS } from './scenario.ts';

/** Whose commands are to be answered. */
const KEYS = [
  `execution/${ACCOUNT_ID}`,
  `risk/${ACCOUNT_ID}`,
  ...BOTS.map(({ botId }) => `bot/${botId}`),
];

/** Nothing is under way, nothing is lost, and what the broker did without a word is known as a drift. */
export function operatedEnding(stage: Stage): Ending {
  const { world } = stage;
  return {
    isSettled: async () => {
      const pending = await Promise.all(KEYS.map((key) => world.store.pendingCommands(key)));
      return (
        pending.flat().length === 0 && isAtRest(stage) && (await driftsMissing(stage)).length === 0
      );
    },
    check: async () => {
      const missing = await driftsMissing(stage);
      if (missing.length > 0) throw new Error(`nobody sees the drift of ${missing.join(', ')}`);
      checkOrders(stage);
      checkMoney(stage);
    },
  };
}

/** Tells whether every fill is in the ledgers, every approved order taken, and every order what the broker has. */
export function isAtRest(stage: Stage): boolean {
  const { journal, toldCash, orders, approvals } = stage.invariants;
  return (
    journal.isComplete &&
    toldCash.isComplete &&
    [...approvals.orders.keys()].every((orderId) => orders.has(orderId)) &&
    [...orders.values()].every((order) => isKnown(stage, order))
  );
}

/** Tells whether an order is what the broker has. */
function isKnown({ invariants }: Stage, { orderId, state }: Order): boolean {
  const there = invariants.truth.exchange.order(orderId)?.state;
  return (
    state !== 'submitting' && state !== 'unknown' && isTerminal(state) === (there !== 'working')
  );
}

function checkOrders(stage: Stage): void {
  const { invariants } = stage;
  const { orders, approvals, journal, toldCash, truth } = invariants;
  if (!journal.isComplete) throw new Error('not every fill is journaled and in the ledgers');
  if (!toldCash.isComplete) throw new Error('not all cash that the venue told of is booked');
  const forgotten = [...approvals.orders.keys()].filter((orderId) => !orders.has(orderId));
  if (forgotten.length > 0) throw new Error(`approved and forgotten: ${forgotten.join(', ')}`);
  for (const order of orders.values()) {
    if (isKnown(stage, order)) continue;
    const there = truth.exchange.order(order.orderId)?.state ?? 'not there';
    throw new Error(`order ${order.orderId} is ${order.state}, and ${there} at the broker`);
  }
  for (const { terms } of truth.exchange.openOrders(ACCOUNT_ID)) {
    if (!orders.has(terms.orderId)) throw new Error(`nobody knows of order ${terms.orderId}`);
  }
}

/** Cash and quantities of all ledgers are the broker's, but for what it did without a word. */
function checkMoney({ invariants, amendments }: Stage): void {
  const { truth } = invariants;
  const account = truth.exchange.account(ACCOUNT_ID);
  const cash = (account?.cashMicros ?? CASH) + amendments.cashOf(true);
  const kept = truth.ledger.totalCashMicros();
  if (kept !== cash) throw new Error(`the ledgers have ${kept} micros of cash, the broker ${cash}`);
  for (const symbol of SYMBOLS) {
    const held = account?.positions.find((one) => one.symbol === symbol)?.position.quantity ?? 0;
    const there = held + amendments.quantityOf(symbol, true);
    const here = truth.ledger.netQuantity(symbol);
    if (here !== there)
      throw new Error(`the ledgers hold ${here} of ${symbol}, the broker ${there}`);
  }
}

/** What differs and is not known to. */
async function driftsMissing({ world, amendments }: Stage): Promise<readonly string[]> {
  const open = await world.store.drifts({ accountId: ACCOUNT_ID, openOnly: true, limit: LIMIT });
  const known = new Set(open.map(({ symbol }) => symbol));
  const differing = [
    ...SYMBOLS.filter((symbol) => amendments.quantityOf(symbol, false) !== 0),
    ...(amendments.cashOf(false) === 0 ? [] : [DRIFTED_CASH]),
  ];
  return differing.filter((symbol) => !known.has(symbol));
}
