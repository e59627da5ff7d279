import { encodeBotSlice, headerNames, subjects } from '@capstan/contracts';
import { deriveId, type Mark, type Signal, signalId, type TimeUs } from '@capstan/domain';
import type { OutboxDraft } from '@capstan/journal';
import type { BotRecord, BusMessage } from '@capstan/ports';

/** What a bot says of a slice. */
export interface BotSays {
  readonly runId: string;
  readonly bot: BotRecord;
  readonly sliceEndUs: TimeUs;
  readonly signals: readonly Signal[];
  readonly marks: readonly Mark[];
  /** True where it gives no signals of its own, as the platform is being stopped. */
  readonly silent: boolean;
}

/** Makes the message in which a bot says what it has to say of a slice. @subject `trading.signal.<bot>` */
export function botMessage(says: BotSays, cause: BusMessage | undefined): OutboxDraft {
  const { runId, bot, sliceEndUs, signals, marks, silent } = says;
  const { botId, accountId, feed, state } = bot;
  const tellsSetup = state === 'starting' || state === 'crashed';
  const correlationId = deriveId('slice', runId, feed, sliceEndUs);
  return {
    subject: subjects.signal(botId),
    data: encodeBotSlice(
      { runId, botId, accountId, feed, sliceEndUs, state, signals, marks },
      { silent, ...(tellsSetup ? { setup: bot } : {}) },
    ),
    correlationId,
    causationId: cause?.headers[headerNames.eventId] ?? correlationId,
  };
}

/** Makes the last signals of a bot that is to leave no position behind: flat, in every symbol that it has seen. */
export function closingSignals(
  runId: string,
  bot: BotRecord,
  barEndUs: TimeUs,
  marks: readonly Mark[],
): readonly Signal[] {
  const { botId, accountId, configRevision, timeframe } = bot;
  return marks.map(({ symbol, priceNanos }) => {
    const key = { runId, botId, configRevision, symbol, timeframe, barEndUs, inputRevision: 0 };
    return {
      ...key,
      signalId: signalId(key),
      accountId,
      direction: 'flat',
      strength: 0,
      referencePriceNanos: priceNanos,
      reason: 'stopped by an operator: flatten',
    };
  });
}
