import type { Order } from '@capstan/domain';
import { DecisionCore } from '@capstan/engine';
import type { SimWorld } from '@capstan/testkit/sim';
import {
  ACCOUNT_ID,
  calendarOf,
  exchangeAccount,
  FEED,
  instruments,
  LIMIT,
  RUN_ID,
  type Scenario,
  scheduleOf,
  strategies,
} from './scenario.ts';

/** Plays a scenario through the pure core: what the services must come to, whatever goes wrong on the way. */
export function playPure(scenario: Scenario): Outcome {
  const core = new DecisionCore({
    runId: RUN_ID,
    instruments,
    calendarOf,
    behaviour: scenario.behaviour,
    accounts: [{ ...exchangeAccount, limits: scenario.limits }],
    bots: scenario.bots.map(({ botId, strategy, params, sizing, symbols }) => ({
      botId,
      accountId: ACCOUNT_ID,
      configRevision: 1,
      feed: FEED,
      strategy: strategies.get(strategy),
      params,
      symbols,
      timeframe: '1m',
      sizing,
      ...scheduleOf(botId, scenario),
    })),
  });
  for (const slice of scenario.history) core.warmUp(slice);
  const steps = scenario.played.map((slice) => core.step(slice));
  const orders = new Map(steps.flatMap((step) => step.orders).map((one) => [one.orderId, one]));
  return outcomeOf({
    signals: steps.flatMap((step) => step.signals),
    intents: steps.flatMap((step) => step.intents),
    denials: steps.flatMap((step) => step.denials),
    orders: [...orders.values()],
    fills: steps.flatMap((step) => step.fills),
  });
}

/** What a run leads to. */
export const OUTCOME_KINDS = ['signals', 'intents', 'denials', 'orders', 'fills'] as const;
export type Outcome = Readonly<Record<(typeof OUTCOME_KINDS)[number], readonly unknown[]>>;

/** Brings an outcome into one order, without what tells only how often an answer was lost on the way. */
function outcomeOf(raw: Outcome): Outcome {
  const sorted = (rows: readonly unknown[]) =>
    rows.map((row) => JSON.stringify(row, Object.keys(row as object).sort())).sort();
  const orders = (raw.orders as readonly Order[]).map(
    ({ version: _version, reason: _reason, updatedAtUs: _updated, ...rest }) => rest,
  );
  return {
    signals: sorted(raw.signals),
    intents: sorted(raw.intents),
    denials: sorted(raw.denials),
    orders: sorted(orders),
    fills: sorted(raw.fills),
  };
}

/** Reads what the services journaled. */
export async function journaled({ store }: SimWorld): Promise<Outcome> {
  const query = { runId: RUN_ID, limit: LIMIT };
  return outcomeOf({
    signals: await store.signals(query),
    intents: await store.intents(query),
    denials: await store.denials(query),
    orders: await store.orders(query),
    fills: await store.fills(query),
  });
}

/** @throws Error where what was journaled is not what a run without faults comes to. */
export function compare(live: Outcome, pure: Outcome): void {
  for (const kind of OUTCOME_KINDS) {
    const missing = pure[kind].filter((one) => !live[kind].includes(one));
    const extra = live[kind].filter((one) => !pure[kind].includes(one));
    if (missing.length === 0 && extra.length === 0) continue;
    throw new Error(
      `${kind} differ from a run without faults: ${missing.length} missing, ${extra.length} extra\n` +
        `  missing: ${String(missing[0])}\n  extra: ${String(extra[0])}`,
    );
  }
}
