import { timeUs } from '@capstan/domain';
import type { BotCore } from '@capstan/engine';
import type { OwnerSession } from '@capstan/journal';
import type { BotRecord, CheckpointRecord } from '@capstan/ports';
import { MARKET } from './market-reading.ts';

/** Makes the checkpoint of a bot as it is after its last slice. */
export function checkpointOf(
  session: Pick<OwnerSession, 'position'>,
  runId: string,
  bot: BotRecord,
  core: BotCore,
): CheckpointRecord {
  const position = session.position(MARKET);
  return {
    botId: bot.botId,
    runId,
    configRevision: bot.configRevision,
    kernelEpoch: core.kernelEpoch,
    sliceEndUs: bot.lastSliceEndUs ?? timeUs(0),
    streamEpochUs: position?.epochUs ?? timeUs(0),
    streamSequence: position?.sequence ?? 0,
    data: new TextEncoder().encode(core.snapshot()),
  };
}
