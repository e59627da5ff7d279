import type { ApprovedSlice } from '@capstan/contracts';
import { type Order, type PriceNanos, type TimeUs, timeUs, US_PER_MINUTE } from '@capstan/domain';
import {
  decideUnfilled,
  isDue,
  type UnfilledAction,
  type UnfilledRule,
} from '../decide-unfilled.ts';
import type { Account } from '../effects.ts';
import { LIMITS } from '../limits.ts';
import type { Step } from '../step.ts';
import { metBy } from './met-exits.ts';
import { requestReplace } from './pursue-replaces.ts';
import { killed } from './stopped.ts';

interface Due {
  readonly order: Order;
  readonly rule: UnfilledRule;
}

/**
 * Does with limit orders that have waited long enough what their bots' rules say: cancels, asks for another price, or for the
 * market: by a replace where the venue can, else by a cancel and, once that has ended the order, a next attempt.
 * @returns whether anything is to be asked of the venue.
 */
export async function treatUnfilled(
  account: Account,
  step: Step,
  { feed, sliceEndUs }: Pick<ApprovedSlice, 'feed' | 'sliceEndUs'>,
): Promise<boolean> {
  const { state, settings } = account;
  const { unfilledOf } = settings;
  if (unfilledOf === undefined) return false;
  const due = state.working().flatMap((order): Due[] => {
    const rule = unfilledOf(order.botId);
    if (rule === undefined || !isDue(order, rule, sliceEndUs)) return [];
    const isAsked = state.cancels.has(order.orderId) || state.followUps.has(order.orderId);
    return isAsked || (!order.reducing && killed(account, order)) ? [] : [{ order, rule }];
  });
  if (due.length === 0) return false;
  const marks = await marksOf(account, due, feed, sliceEndUs);
  const acted = due.map(({ order, rule }) => {
    const action = decideUnfilled(order, rule, {
      nowUs: sliceEndUs,
      instrument: settings.instruments.get(order.symbol),
      markNanos: marks.get(order.symbol),
      bufferBps: settings.limits.bufferBps,
    });
    return act(account, step, order, action);
  });
  return acted.includes(true);
}

function act(account: Account, step: Step, order: Order, action: UnfilledAction): boolean {
  const { state, ports } = account;
  const { orderId } = order;
  // A venue that would refuse its next attempt beside exits keeps the one that it has.
  const isMet = !order.reducing && metBy(account, order).length > 0;
  switch (action.kind) {
    case 'wait':
      return false;
    case 'cancel':
      state.cancels.set(orderId, action.reason);
      return true;
    case 'reprice': {
      const reason = 'unfilled: another price is asked for';
      if (ports.venue.capabilities.replaces) {
        requestReplace(account, step, order, action.revision, reason);
        return true;
      }
      if (isMet) return false;
      const { limitPriceNanos } = action.revision;
      state.cancels.set(orderId, reason);
      state.followUps.set(orderId, {
        type: 'limit',
        ...(limitPriceNanos === undefined ? {} : { limitPriceNanos }),
      });
      return true;
    }
    case 'market':
      if (isMet) return false;
      state.cancels.set(orderId, 'unfilled: what is left goes to the market');
      state.followUps.set(orderId, { type: 'market' });
      return true;
  }
}

/** Reads the last closes as of a slice, where some rule goes by them. */
async function marksOf(
  { ports, settings }: Account,
  due: readonly Due[],
  feed: string,
  sliceEndUs: TimeUs,
): Promise<ReadonlyMap<string, PriceNanos>> {
  const priced = due.filter(({ rule }) => rule.action !== 'cancel');
  const symbols = [...new Set(priced.map(({ order }) => order.symbol))].sort();
  if (symbols.length === 0) return new Map();
  const bars = await ports.store.bars({
    ...{ runId: settings.runId, feed, symbols, timeframe: '1m' },
    afterUs: timeUs(sliceEndUs - LIMITS.markMinutesMax * US_PER_MINUTE),
    throughUs: sliceEndUs,
    limit: symbols.length * LIMITS.markMinutesMax,
  });
  return new Map(bars.map((bar) => [bar.symbol, bar.closeNanos]));
}
