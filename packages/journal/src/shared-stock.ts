import { assert, hasCode } from '@capstan/domain';
import type { BusMessage, Subscription } from '@capstan/ports';

/** What a reader finds in the stock. */
export interface Found {
  readonly messages: readonly BusMessage[];
  /** The sequence through which the reader has seen all now. */
  readonly through: number;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A wait that can be given up. */
export interface Waiting {
  /** Resolves when something may be new, or the wait was given up; rejects with a failure to read. */
  readonly done: Promise<void>;
  readonly giveUp: () => void;
}

export interface StockOptions {
  /** Where it begins. */
  readonly afterSequence: number;
  /** Subscribes to all that readers ask for. */
  readonly open: (afterSequence: number) => Promise<Subscription>;
  /** Most messages kept for those who come later; up to twice as many for a moment. */
  readonly messagesMax: number;
  /** Called when what was read can no longer be relied on. */
  readonly onBroken: () => void;
}

/**
 * One subscription and the newest messages that it gave, kept for several readers. It reads on when a reader that has seen all
 * waits for more: the foremost sets the pace, nobody holds it up.
 */
export class SharedStock {
  readonly #options: StockOptions;
  readonly #waiters = new Set<Waiter>();
  #messages: BusMessage[] = [];
  #tail: number;
  #head: number;
  #upstream: Subscription | undefined;
  #reading = false;
  #closed = false;
  #ended = false;

  constructor(options: StockOptions) {
    this.#options = options;
    this.#tail = options.afterSequence;
    this.#head = options.afterSequence;
  }

  /** Every message after this sequence, and up to `head`, is here. */
  get tail(): number {
    return this.#tail;
  }

  /** The sequence through which it has read. */
  get head(): number {
    return this.#head;
  }

  /** True where there will never be more, because the bus was closed. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Returns what a reader wants of the messages after a sequence, which is not before `tail`. */
  after(sequence: number, wants: (subject: string) => boolean, max: number): Found {
    assert(sequence >= this.#tail, `what follows ${sequence} is not kept: ${this.#tail}`);
    const messages: BusMessage[] = [];
    for (let index = this.#indexAfter(sequence); index < this.#messages.length; index += 1) {
      const message = this.#messages[index];
      if (message === undefined) break;
      if (wants(message.subject)) messages.push(message);
      if (messages.length === max) return { messages, through: message.sequence };
    }
    return { messages, through: Math.max(sequence, this.#head) };
  }

  /** Waits for more, and sees to it that somebody reads on. */
  more(): Waiting {
    let giveUp = (): void => undefined;
    const done = new Promise<void>((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiters.add(waiter);
      giveUp = () => {
        this.#waiters.delete(waiter);
        resolve();
      };
    });
    if (this.#closed || this.#ended) giveUp();
    else if (!this.#reading) void this.#read();
    return { done, giveUp };
  }

  /** Reads no more, and lets everybody go who waits. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake();
    await this.#upstream?.close();
  }

  /** Never throws: the one who has waited longest gets the failure, the others look for themselves. */
  async #read(): Promise<void> {
    this.#reading = true;
    try {
      const upstream = this.#upstream ?? (await this.#open());
      const messages = await upstream.next();
      if (!this.#closed) this.#take(messages);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#reading = false;
      this.#wake();
    }
  }

  async #open(): Promise<Subscription> {
    const upstream = await this.#options.open(this.#head);
    this.#upstream = upstream;
    if (this.#closed) await upstream.close();
    return upstream;
  }

  #take(messages: readonly BusMessage[]): void {
    const last = messages.at(-1);
    this.#ended = last === undefined;
    if (last === undefined) return;
    this.#messages.push(...messages);
    this.#head = last.sequence;
    const { messagesMax } = this.#options;
    if (this.#messages.length <= 2 * messagesMax) return;
    const dropped = this.#messages.splice(0, this.#messages.length - messagesMax);
    this.#tail = dropped.at(-1)?.sequence ?? this.#tail;
  }

  /** A subscription that could not begin can be tried again; one that failed may have missed something. */
  #fail(error: unknown): void {
    if (this.#closed) return;
    const [first] = this.#waiters;
    if (first !== undefined) {
      this.#waiters.delete(first);
      first.reject(error);
    }
    const isOver = this.#upstream !== undefined || hasCode(error, 'BUS.STREAM_CHANGED');
    if (isOver) this.#options.onBroken();
  }

  #wake(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const { resolve } of waiters) resolve();
  }

  /** Returns the index of the first message after a sequence. */
  #indexAfter(sequence: number): number {
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#messages[middle]?.sequence ?? 0) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
