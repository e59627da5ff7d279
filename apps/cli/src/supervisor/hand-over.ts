import { hostname } from 'node:os';
import { connectBus } from '@capstan/bus';
import { AppError } from '@capstan/domain';
import { isOfProcess, releaseLeasesOf } from '@capstan/journal';
import type { Log } from '@capstan/ports';
import type { NatsAccess } from '@capstan/runtime';

/**
 * Releases the keys of a process that this supervisor saw end, so that its successor need not wait for its leases to lapse. Where NATS
 * is away it is left undone: the leases lapse by themselves.
 */
export async function handOverKeys(nats: NatsAccess, pid: number, log: Log): Promise<void> {
  try {
    const connection = await connectBus({
      ...nats,
      name: 'capstan-supervisor',
      log,
    });
    try {
      await releaseLeasesOf({ kv: connection.kv, log }, isOfProcess(hostname(), pid));
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn('the keys of a dead process were not handed over; its leases lapse', { pid, error });
  }
}
