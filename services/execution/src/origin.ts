import { headerNames } from '@capstan/contracts';
import { deriveId, type Order, type TimeUs } from '@capstan/domain';
import type { BusMessage, CommandRecord, Headers } from '@capstan/ports';
import type { Account } from './effects.ts';
import type { Origin } from './state.ts';

/** Names what a message began. */
export function originOfMessage(message: BusMessage): Origin {
  const eventId = message.headers[headerNames.eventId] ?? '';
  const correlationId = message.headers[headerNames.correlationId] ?? eventId;
  return { correlationId, causationId: eventId, trace: traceOf(message.headers) };
}

/** Names what a venue's event about an order goes back to: the slice that decided the order. */
export function originOfEvent(account: Account, order: Order, sequence: number): Origin {
  const { settings, state, traces } = account;
  const { runId, accountId } = settings;
  return {
    correlationId: deriveId('slice', runId, state.feed, order.decidedAtUs),
    causationId: deriveId('venue-event', accountId, sequence),
    trace: traces.get(order.decidedAtUs) ?? {},
  };
}

/** Names what a slice of a feed began, as market data does. */
export function originOfSlice(account: Account, feed: string, sliceEndUs: TimeUs): Origin {
  const id = deriveId('slice', account.settings.runId, feed, sliceEndUs);
  return { correlationId: id, causationId: id, trace: account.traces.get(sliceEndUs) ?? {} };
}

export function originOfCommand(command: CommandRecord): Origin {
  const id = command.commandId;
  return { correlationId: id, causationId: id, trace: {} };
}

function traceOf(headers: Headers): Headers {
  const { traceparent, tracestate } = headers;
  return {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
  };
}
