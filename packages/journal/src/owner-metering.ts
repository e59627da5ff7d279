import { AppError } from '@capstan/domain';
import type { BusMessage, Clock, Headers, Meter } from '@capstan/ports';
import { METRICS } from './telemetry.ts';

/** What measurements are made with. */
export interface OwnerMeteringPorts {
  readonly meter: Meter;
  readonly clock: Clock;
  /** The clock that messages are stored by, where that of the logic is a market's. */
  readonly wall?: Pick<Clock, 'nowUs'>;
}

/** A commit whose messages are not all on the bus. */
interface Committed {
  readonly throughSequence: number;
  readonly atMs: number;
  /** When the bus stored the oldest message that it deals with. */
  readonly causeUs: number | undefined;
  readonly trace: Headers;
}

const US_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1_000;

/** Measures one ownership: how old its input is, how long its steps take, and when what they say is on the bus. */
export class OwnerMetering {
  readonly #ports: OwnerMeteringPorts;
  readonly #role: string;
  readonly #committed: Committed[] = [];
  #oldestUs: number | undefined;
  #inHandUs: number | undefined;

  constructor(ports: OwnerMeteringPorts, key: string) {
    this.#ports = ports;
    this.#role = roleOf(key);
  }

  /** Notes messages that came together, before they are dealt with. */
  came(messages: readonly BusMessage[]): void {
    const { meter } = this.#ports;
    const labels = { role: this.#role };
    meter.count(METRICS.messages, messages.length, labels);
    const first = messages.find(({ sequence }) => sequence > 0);
    if (first === undefined) return;
    const { headers, storedAtUs } = first;
    meter.observe(METRICS.inputLagSeconds, this.#sinceSeconds(storedAtUs), labels, headers);
  }

  /** Notes the message in hand. What is read from the journal was never stored on the bus: its age is not known. */
  takes({ sequence, storedAtUs }: BusMessage): void {
    this.#inHandUs = sequence > 0 ? storedAtUs : undefined;
    this.#oldestUs ??= this.#inHandUs;
  }

  /** How long ago the bus stored the message in hand, in seconds; `undefined` where that is not known. */
  get inHandSeconds(): number | undefined {
    return this.#inHandUs === undefined ? undefined : this.#sinceSeconds(this.#inHandUs);
  }

  /** Does a step, and measures it. */
  async step(kind: 'messages' | 'commands' | 'items', work: () => Promise<void>): Promise<void> {
    const startMs = this.#ports.clock.monotonicMs();
    this.#inHandUs = undefined;
    let outcome = 'bug';
    try {
      await work();
      outcome = 'ok';
    } catch (error) {
      if (error instanceof AppError) outcome = error.code;
      throw error;
    } finally {
      const labels = { role: this.#role, kind, outcome };
      this.#ports.meter.observe(METRICS.stepSeconds, this.#elapsedSeconds(startMs), labels);
    }
  }

  /** Does a commit, and measures it. @param throughSequence the last of the messages that it says; none where it says nothing. */
  async commit(
    trace: Headers,
    throughSequence: number | undefined,
    work: () => Promise<void>,
  ): Promise<void> {
    const { clock, meter } = this.#ports;
    const startMs = clock.monotonicMs();
    await work();
    const labels = { role: this.#role };
    meter.observe(METRICS.commitSeconds, this.#elapsedSeconds(startMs), labels, trace);
    const causeUs = this.#oldestUs;
    this.#oldestUs = undefined;
    if (throughSequence === undefined) return;
    this.#committed.push({ throughSequence, atMs: clock.monotonicMs(), causeUs, trace });
  }

  /** Notes that all is on the bus through a sequence. */
  published(throughSequence: number): void {
    const { meter } = this.#ports;
    const labels = { role: this.#role };
    for (;;) {
      const [next] = this.#committed;
      if (next === undefined || next.throughSequence > throughSequence) return;
      this.#committed.shift();
      const { atMs, causeUs, trace } = next;
      meter.observe(METRICS.publishSeconds, this.#elapsedSeconds(atMs), labels, trace);
      if (causeUs === undefined) continue;
      meter.observe(METRICS.hopSeconds, this.#sinceSeconds(causeUs), labels, trace);
    }
  }

  #elapsedSeconds(sinceMs: number): number {
    return (this.#ports.clock.monotonicMs() - sinceMs) / MS_PER_SECOND;
  }

  /** The bus has a clock of its own, which may be ahead. */
  #sinceSeconds(us: number): number {
    const { wall, clock } = this.#ports;
    return Math.max(0, (wall ?? clock).nowUs() - us) / US_PER_SECOND;
  }
}

/** Returns the role of a key: its first part. */
export function roleOf(key: string): string {
  return key.split('/', 1)[0] ?? key;
}
