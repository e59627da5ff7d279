import { newOrder } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import { advanced } from '../decide.ts';
import { type Account, commitStep } from '../effects.ts';
import { EmergencyJournal } from '../emergency-journal.ts';
import type { Origin } from '../state.ts';
import { Step } from '../step.ts';

/**
 * Takes what was sent without the store into the journal: each order as one that may have been sent, so that the venue is
 * asked about it and its events find it. None of them is sent again, nor any of a round that the journal may have begun.
 * @subject trading.emergency.<account>
 * @idempotent by the place that is stored with them, and by the orders' ids
 * @throws BUS.UNAVAILABLE, STORE.UNAVAILABLE
 */
export async function takeEmergencyRounds(account: Account, session: OwnerSession): Promise<void> {
  const { ports, settings, state } = account;
  const { accountId, runId } = settings;
  const journal = new EmergencyJournal(ports.bus, accountId);
  const { rounds, end } = await journal.read(state.emergency);
  if (rounds.length === 0) return;
  const newest = rounds.at(-1);
  const id = `kill/${accountId}/${newest?.killSinceUs}`;
  const origin: Origin = { correlationId: id, causationId: id, trace: {} };
  const step = new Step(origin);
  let taken = 0;
  for (const { intents, orders } of rounds.filter((one) => one.runId === runId)) {
    for (const [index, terms] of orders.entries()) {
      const intent = intents[index];
      if (intent === undefined || (await ports.store.order(terms.orderId)) !== undefined) continue;
      step.intent(intent);
      const order = newOrder(terms, state.clockUs);
      step.insert(order);
      const sent = advanced(order, { kind: 'submit' }, state.clockUs);
      const reason = 'it was sent without the journal';
      const unknown = advanced(sent, { kind: 'timeout', reason }, state.clockUs);
      state.put(unknown);
      step.tell(unknown);
      taken += 1;
    }
  }
  state.emergency = end;
  const ofNewest = rounds.filter((one) => one.killSinceUs === newest?.killSinceUs);
  if (newest !== undefined) {
    state.flattening = {
      sinceUs: newest.killSinceUs,
      round: Math.max(state.flattening?.round ?? 0, newest.round),
      orderIds: ofNewest.flatMap((one) => one.orders.map((order) => order.orderId)),
    };
  }
  session.log.warn('hard kill: took what was sent without the journal', {
    account: accountId,
    rounds: rounds.length,
    orders: taken,
  });
  await commitStep(account, session, step);
}
