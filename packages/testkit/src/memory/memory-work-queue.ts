import { WORK_CONSUMER } from '@capstan/contracts';
import type { Clock, OutgoingMessage, WorkDepth, WorkItem, WorkQueue } from '@capstan/ports';
import { copyOf } from './copy.ts';
import { subjectMatches } from './subject-match.ts';

interface Job {
  readonly message: OutgoingMessage;
  delivery: number;
  /** Given and not given back; one whose taker is silent too long counts so until it is given again. */
  isInHand: boolean;
  /** Not to be given before this time of the clock. */
  freeAtMs: number;
}

/** The least that a clock counts: a microsecond. */
const LEAST_MS = 0.001;

/** A work queue in memory. */
export class MemoryWorkQueue implements WorkQueue {
  readonly #clock: Clock;
  readonly #ackWaitMs: number;
  readonly #ids = new Set<string>();
  readonly #waiting = new Set<AbortController>();
  #jobs: readonly Job[] = [];

  /** @param ackWaitMs how long a taken item may be silent; that of the contracts unless told. */
  constructor(clock: Clock, ackWaitMs: number = WORK_CONSUMER.ackWaitMs) {
    this.#clock = clock;
    this.#ackWaitMs = ackWaitMs;
  }

  async add(message: OutgoingMessage): Promise<void> {
    if (this.#ids.has(message.messageId)) return;
    this.#ids.add(message.messageId);
    this.#jobs = [
      ...this.#jobs,
      { message: copyOf(message), delivery: 0, isInHand: false, freeAtMs: 0 },
    ];
    this.#wake();
  }

  async take(options: {
    subject: string;
    max: number;
    waitMs: number;
  }): Promise<readonly WorkItem[]> {
    const { subject, max, waitMs } = options;
    const deadlineMs = this.#clock.monotonicMs() + waitMs;
    for (;;) {
      const nowMs = this.#clock.monotonicMs();
      const mine = this.#jobs.filter((job) => subjectMatches(subject, job.message.subject));
      const free = mine.filter((job) => job.freeAtMs <= nowMs).slice(0, max);
      if (free.length > 0) return free.map((job) => this.#give(job));
      if (nowMs >= deadlineMs) return [];
      const nextMs = Math.min(deadlineMs, ...mine.map((job) => job.freeAtMs));
      const wake = new AbortController();
      this.#waiting.add(wake);
      // What a float leaves of a millisecond may be too little for the clock to move at all.
      await this.#clock.sleep(Math.max(nextMs - nowMs, LEAST_MS), wake.signal);
      this.#waiting.delete(wake);
    }
  }

  async depth(subject: string): Promise<WorkDepth> {
    const mine = this.#jobs.filter((job) => subjectMatches(subject, job.message.subject));
    const inHand = mine.filter((job) => job.isInHand).length;
    return { waiting: mine.length - inHand, inHand };
  }

  /** How many are queued or in hand. */
  get size(): number {
    return this.#jobs.length;
  }

  #give(job: Job): WorkItem {
    job.delivery += 1;
    job.isInHand = true;
    const { delivery } = job;
    const busyFor = (ms: number) => {
      job.freeAtMs = this.#clock.monotonicMs() + ms;
    };
    const remove = async () => {
      this.#jobs = this.#jobs.filter((one) => one !== job);
    };
    busyFor(this.#ackWaitMs);
    const { subject, data, headers } = copyOf(job.message);
    return {
      subject,
      data,
      headers,
      delivery,
      working: async () => busyFor(this.#ackWaitMs),
      done: remove,
      giveBack: async (delayMs) => {
        if (job.delivery !== delivery) return;
        job.isInHand = false;
        busyFor(delayMs);
        this.#wake();
      },
      discard: remove,
    };
  }

  #wake(): void {
    for (const waiting of [...this.#waiting]) waiting.abort();
  }
}
