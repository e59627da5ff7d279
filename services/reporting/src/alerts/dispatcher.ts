import type { Message, SendFailure } from '@capstan/alerts';
import type { Clock } from '@capstan/ports';
import { LIMITS } from '../limits.ts';
import type { ChannelSender } from './channel-sender.ts';

/** What came of a message. */
export interface Outcome {
  readonly message: Message;
  /** `undefined` where it got through. */
  readonly failure: SendFailure | undefined;
}

/** Sends messages beside the owner, one a channel at a time, so that no channel waits for another. */
export class Dispatcher {
  readonly #senders: ReadonlyMap<string, ChannelSender>;
  readonly #onOutcome: () => void;
  readonly #stop = new AbortController();
  readonly #underWay = new Map<string, Promise<void>>();
  #outcomes: Outcome[] = [];

  /** @param onOutcome called when {@link take} has something. */
  constructor(senders: readonly ChannelSender[], onOutcome: () => void) {
    this.#senders = new Map(senders.map((sender) => [sender.channel, sender]));
    this.#onOutcome = onOutcome;
  }

  /** Tells whether a channel has a message, or what came of it was not taken yet. */
  isBusy(channel: string): boolean {
    return (
      this.#underWay.has(channel) ||
      this.#outcomes.some(({ message }) => message.channel === channel)
    );
  }

  send(message: Message): void {
    const sender = this.#senders.get(message.channel);
    if (sender === undefined || this.isBusy(message.channel)) return;
    const sent = sender.send(message.alerts, this.#stop.signal).then((failure) => {
      this.#underWay.delete(message.channel);
      this.#outcomes.push({ message, failure });
      this.#onOutcome();
    });
    this.#underWay.set(message.channel, sent);
  }

  /** Returns what came of messages since it was last asked. */
  take(): readonly Outcome[] {
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    return outcomes;
  }

  /** Waits for what is under way, for a bounded time. */
  async settled(clock: Clock): Promise<void> {
    const waited = new AbortController();
    const late = clock.sleep(LIMITS.drainSendMs, waited.signal);
    await Promise.race([Promise.all(this.#underWay.values()), late]);
    waited.abort();
  }

  /** Gives up what is under way. */
  close(): void {
    this.#stop.abort();
  }
}
