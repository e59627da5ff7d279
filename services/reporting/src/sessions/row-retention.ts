import type { TimeUs } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { Clock, Meter, OldRows, Store } from '@capstan/ports';
import { METRICS } from '../telemetry.ts';
import { LIMITS } from './limits.ts';

/** Says which rows are old by the wall's clock and the run's. */
export type OldRowsAt = (nowUs: TimeUs, runNowUs: TimeUs) => readonly OldRows[];

export interface RetentionPorts {
  readonly store: Pick<Store, 'laggards'>;
  readonly clock: Clock;
  readonly meter: Meter;
}

/** Removes what is old, a small batch a transaction. What one day does not finish is left to the next. */
export class RowRetention {
  readonly #ports: RetentionPorts;
  readonly #oldRowsAt: OldRowsAt;

  constructor(ports: RetentionPorts, oldRowsAt: OldRowsAt) {
    this.#ports = ports;
    this.#oldRowsAt = oldRowsAt;
  }

  /** @param runNowUs the run's clock. @throws STORE.FENCED STORE.UNAVAILABLE */
  async apply(session: OwnerSession, runNowUs: TimeUs): Promise<void> {
    const { store, clock, meter } = this.#ports;
    for (const rows of this.#oldRowsAt(clock.nowUs(), runNowUs)) {
      const { removed, isDone } = await removeAll(session, rows);
      const { kind } = rows;
      if (removed > 0) {
        meter.count(METRICS.rowsRemoved, removed, { kind });
        session.log.info('old rows removed', { kind, removed, beforeUs: rows.beforeUs });
      }
      if (!isDone) session.log.warn('more old rows are left than a day removes', { kind });
      if (rows.kind !== 'outbox') continue;
      for (const { key, messages } of await store.laggards(rows.beforeUs)) {
        const text = 'a receiver keeps old messages: it has not read them';
        session.log.warn(text, { receiver: key, messages });
      }
    }
  }
}

async function removeAll(session: OwnerSession, rows: OldRows) {
  let removed = 0;
  for (let batch = 0; batch < LIMITS.pruneBatches; batch += 1) {
    const count = await session.prune(rows, LIMITS.pruneRows);
    removed += count;
    if (count < LIMITS.pruneRows) return { removed, isDone: true };
  }
  return { removed, isDone: false };
}
