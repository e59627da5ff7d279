import { AppError } from '@capstan/domain';
import type { BarRecord, Bus, BusMessage, Clock, Log, Meter } from '@capstan/ports';
import type { GatewayErrorCode } from '../error-codes.ts';
import { LIMITS } from '../limits.ts';
import { METRICS } from '../telemetry.ts';
import { LiveBatch } from './live-batch.ts';
import { frameOf, Viewer } from './viewer.ts';

export interface LiveHubPorts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** What is followed. */
const FOLLOWED: readonly { readonly stream: string; readonly filters: readonly string[] }[] = [
  { stream: 'MARKET', filters: ['market.bar.>', 'market.closed.>'] },
  {
    stream: 'TRADING',
    filters: ['trading.signal.*', 'trading.denied.*', 'trading.order.*', 'trading.fill.*'],
  },
  { stream: 'POSITION', filters: ['position.drift.*'] },
];

/** Follows the bus from now on and tells viewers what happens, at most ten times a second. */
export class LiveHub {
  readonly #ports: LiveHubPorts;
  readonly #onBar: (bar: BarRecord) => void;
  readonly #batch = new LiveBatch();
  readonly #viewers = new Set<Viewer>();

  /** @param onBar is handed every bar that passes. */
  constructor(ports: LiveHubPorts, onBar: (bar: BarRecord) => void) {
    this.#ports = ports;
    this.#onBar = onBar;
  }

  /** Works until `signal` aborts; lost streams are opened again. Rejects only with a bug. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      ...FOLLOWED.map((one) => this.#follow(one, signal)),
      this.#flush(signal),
      this.#beat(signal),
    ]);
    for (const viewer of this.#viewers) viewer.close();
    this.#viewers.clear();
  }

  /**
   * Adds a viewer, who first hears `hello`.
   * @throws GATEWAY.VIEWERS when there are too many.
   */
  join(hello: Readonly<Record<string, string | number>>): Viewer {
    if (this.#viewers.size >= LIMITS.viewersMax) {
      throw new AppError({
        code: 'GATEWAY.VIEWERS' satisfies GatewayErrorCode,
        why: `${LIMITS.viewersMax} viewers follow the live events already.`,
        fix: 'Close some dashboards.',
        retry: 'retryable',
      });
    }
    const viewer = new Viewer();
    viewer.push(frameOf({ name: 'hello', data: JSON.stringify(hello) }));
    this.#viewers.add(viewer);
    this.#ports.meter.gauge(METRICS.viewers, this.#viewers.size);
    return viewer;
  }

  leave(viewer: Viewer): void {
    viewer.close();
    this.#viewers.delete(viewer);
    this.#ports.meter.gauge(METRICS.viewers, this.#viewers.size);
  }

  async #follow(what: (typeof FOLLOWED)[number], signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports;
    let lost = false;
    while (!signal.aborted) {
      try {
        await this.#read(what, lost, signal);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        lost = true;
        log.warn('live events interrupted', { stream: what.stream, code: error.code, error });
        this.#batch.resync(`the stream ${what.stream} was interrupted`);
      }
      if (!signal.aborted) await clock.sleep(LIMITS.reopenMs, signal);
    }
  }

  async #read(what: (typeof FOLLOWED)[number], lost: boolean, signal: AbortSignal): Promise<void> {
    const { bus } = this.#ports;
    const { lastSequence } = await bus.streamState(what.stream);
    const subscription = await bus.subscribe({ ...what, afterSequence: lastSequence });
    if (lost) this.#batch.resync(`the stream ${what.stream} was interrupted`);
    const close = () => void subscription.close();
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
    try {
      for (;;) {
        const messages = await subscription.next();
        if (messages.length === 0) return;
        for (const message of messages) this.#take(message);
      }
    } finally {
      signal.removeEventListener('abort', close);
      await subscription.close();
    }
  }

  /** Bytes that mean nothing are passed over: viewers come after those who trade, and hold nothing up. */
  #take(message: BusMessage): void {
    try {
      const bar = this.#batch.add(message);
      if (bar !== undefined) this.#onBar(bar);
    } catch (error) {
      const { subject, sequence } = message;
      this.#ports.meter.count(METRICS.malformed);
      this.#ports.log.warn('a message has no meaning', { subject, sequence, error });
    }
  }

  async #flush(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const events = this.#batch.take();
      if (events.length > 0) {
        this.#ports.meter.count(METRICS.liveEvents, events.length);
        this.#tell(events.map(frameOf).join(''));
      }
      await this.#ports.clock.sleep(LIMITS.flushMs, signal);
    }
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (!signal.aborted) {
      await clock.sleep(LIMITS.heartbeatMs, signal);
      if (signal.aborted) return;
      this.#tell(frameOf({ name: 'beat', data: JSON.stringify({ nowUs: clock.nowUs() }) }));
    }
  }

  #tell(frames: string): void {
    for (const viewer of [...this.#viewers]) {
      if (viewer.push(frames)) continue;
      this.#viewers.delete(viewer);
      this.#ports.meter.count(METRICS.viewersDropped);
    }
  }
}
