import { AppError } from '@capstan/domain';
import type { AuditRecord, Clock, Log, Store } from '@capstan/ports';
import { LIMITS } from './limits.ts';
import { within } from './within.ts';

/** Writes audit rows of what must not wait for the store: they are kept until it takes them. */
export class PatientAudit {
  readonly #ports: { readonly store: Store; readonly clock: Clock; readonly log: Log };
  readonly #waiting: AuditRecord[] = [];
  #running: Promise<void> | undefined;

  constructor(ports: { readonly store: Store; readonly clock: Clock; readonly log: Log }) {
    this.#ports = ports;
  }

  /** Takes a row. Returns when it is written, or soon. */
  async add(record: AuditRecord): Promise<void> {
    if (this.#waiting.length >= LIMITS.auditWaitingMax) {
      const lost = this.#waiting.shift();
      this.#ports.log.error(
        'too many audit rows wait for the store; the oldest stands here alone',
        {
          ...lost,
        },
      );
    }
    this.#waiting.push(record);
    this.#running ??= this.#write();
    await within(this.#ports.clock, LIMITS.storeWaitMs, this.#running);
  }

  async #write(): Promise<void> {
    const { store, clock, log } = this.#ports;
    let waitMs: number = LIMITS.retryFirstMs;
    for (let record = this.#waiting[0]; record !== undefined; record = this.#waiting[0]) {
      try {
        await store.addAudit(record);
        this.#waiting.shift();
        waitMs = LIMITS.retryFirstMs;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (waitMs === LIMITS.retryFirstMs)
          log.warn('an audit row waits for the store', { action: record.action, error });
        await clock.sleep(waitMs);
        waitMs = Math.min(waitMs * 2, LIMITS.retryMaxMs);
      }
    }
    this.#running = undefined;
  }
}
