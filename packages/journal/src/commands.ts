import { subjects } from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import type { Bus, Clock, CommandRecord, Store } from '@capstan/ports';
import { LIMITS } from './limits.ts';

/**
 * Writes a command for the owner of its key and waits for the answer. Any replica may call it.
 * @returns the command as done or refused.
 * @throws COMMAND.TIMEOUT when no owner answered in time: the command stays written and will be applied.
 * @idempotent by `commandId`
 */
export async function runCommand(
  ports: { store: Store; bus: Bus; clock: Clock },
  command: CommandRecord,
  timeoutMs: number,
): Promise<CommandRecord> {
  const { store, bus, clock } = ports;
  await store.addCommand(command);
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  let waitMs: number = LIMITS.commandPollFirstMs;
  for (;;) {
    await bus.notify(subjects.command(command.key), new Uint8Array());
    await clock.sleep(waitMs);
    const now = await store.command(command.commandId);
    if (now !== undefined && now.state !== 'pending') return now;
    if (clock.monotonicMs() >= deadlineMs) break;
    waitMs = Math.min(waitMs * 2, LIMITS.commandPollMaxMs);
  }
  throw new AppError({
    code: 'COMMAND.TIMEOUT',
    why: `${command.kind}: the owner of ${command.key} did not answer within ${timeoutMs} ms.`,
    fix: 'It will be applied when an owner is there; see `capstan status`.',
    retry: 'retryable',
  });
}
