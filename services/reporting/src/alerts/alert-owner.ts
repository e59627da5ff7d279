import {
  ALERT_KINDS,
  ALERT_LEVELS,
  type Alert,
  AlertBook,
  type AlertBookState,
  type AlertRules,
  AlertWatch,
  type SeenFeed,
  type WatchRules,
  type WatchState,
} from '@capstan/alerts';
import {
  decodeBotSlice,
  decodeDrift,
  decodeFillEvent,
  decodeOrderEvent,
  decodeSession,
  leaseKey,
  subjects,
} from '@capstan/contracts';
import { AppError, type TimeUs } from '@capstan/domain';
import type { OwnerInput, OwnerLogic, OwnerSession, OwnerSource } from '@capstan/journal';
import type { BusMessage, Clock, Kv, KvEntry, Meter } from '@capstan/ports';
import { LIMITS } from '../limits.ts';
import { METRICS } from '../telemetry.ts';
import { Bell, type FeedReader, Poll } from './alert-sources.ts';
import { ALERTS_BUCKET, statusOf, writeStatus } from './alert-status.ts';
import type { ChannelSender } from './channel-sender.ts';
import { Dispatcher } from './dispatcher.ts';
import { seenBreaker, seenKill, seenToken } from './seen-entries.ts';

/** The key of the one who sends alerts. */
export const ALERTS_KEY = 'alerts';
const SWITCHES_BUCKET = 'switches';

export interface AlertPorts {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly senders: readonly ChannelSender[];
  readonly feeds: FeedReader;
}

export interface AlertSettings {
  readonly runId: string;
  readonly accountIds: readonly string[];
  readonly rules: AlertRules;
  readonly watch: WatchRules;
}

interface StoredState {
  readonly version: 1;
  /** What happened before alerting was first on is not told. */
  readonly startedAtUs: TimeUs;
  readonly watch: WatchState;
  readonly book: AlertBookState;
}

/** Watches everything and tells people, from one process at a time. What is to be sent is committed before it is sent. */
export class AlertOwner implements OwnerLogic {
  readonly inputs: readonly OwnerInput[];
  readonly #ports: AlertPorts;
  readonly #settings: AlertSettings;
  readonly #bell = new Bell();
  readonly #dispatcher: Dispatcher;
  readonly #readers: ((entry: KvEntry, nowUs: TimeUs) => readonly Alert[])[] = [];
  readonly #tellsFills: boolean;
  #watch: AlertWatch;
  #book: AlertBook;
  #startedAtUs: TimeUs;
  #dirty = false;
  #committedAtUs: TimeUs;

  constructor(ports: AlertPorts, settings: AlertSettings) {
    const { accountIds, rules, watch } = settings;
    this.#ports = ports;
    this.#settings = settings;
    this.#dispatcher = new Dispatcher(ports.senders, () => this.#bell.ring());
    this.#tellsFills = rules.routes.some(({ kinds }) => kinds.includes('fill'));
    this.#watch = new AlertWatch(watch);
    this.#book = new AlertBook(rules);
    this.#startedAtUs = ports.clock.nowUs();
    this.#committedAtUs = this.#startedAtUs;
    const trading = accountIds.flatMap((id) => [
      subjects.order(id),
      ...(this.#tellsFills ? [subjects.fill(id)] : []),
    ]);
    this.inputs = [
      { stream: 'TRADING', filters: [subjects.allSignals, ...trading] },
      ...(accountIds.length === 0
        ? []
        : [{ stream: 'POSITION', filters: accountIds.map((id) => subjects.drift(id)) }]),
      { stream: 'CONTROL', filters: [subjects.allSessions] },
    ];
  }

  async load(session: OwnerSession): Promise<void> {
    // So that the first alert, and the first message that cannot be delivered, is seen as one more.
    for (const kind of ALERT_KINDS) {
      for (const level of ALERT_LEVELS) this.#ports.meter.count(METRICS.alerts, 0, { kind, level });
    }
    for (const { channel } of this.#settings.rules.routes) {
      for (const result of ['sent', 'failed'])
        this.#ports.meter.count(METRICS.alertMessages, 0, { channel, result });
    }
    if (session.state === undefined) {
      this.#dirty = true;
      return this.#commit(session);
    }
    const stored = JSON.parse(new TextDecoder().decode(session.state)) as StoredState;
    if (stored.version !== 1) {
      throw new AppError({
        code: 'REPORTING.STATE',
        why: `stored alerts have version ${String(stored.version)}; this service reads version 1.`,
        fix: 'Run the version that wrote them.',
      });
    }
    const { rules, watch } = this.#settings;
    this.#startedAtUs = stored.startedAtUs;
    this.#watch = new AlertWatch(watch, stored.watch);
    this.#book = new AlertBook(rules, stored.book);
  }

  async openSources(): Promise<readonly OwnerSource[]> {
    const { kv, clock, feeds } = this.#ports;
    const watched: OwnerSource[] = [];
    for (const accountId of this.#settings.accountIds) {
      const follow = async (
        bucket: string,
        name: string,
        read: (entry: KvEntry, nowUs: TimeUs) => readonly Alert[],
      ): Promise<void> => {
        watched.push(await kv.watch(bucket, leaseKey(`${name}/${accountId}`)));
        this.#readers.push(read);
      };
      await follow(SWITCHES_BUCKET, 'kill', (entry, nowUs) =>
        this.#watch.kill(seenKill(accountId, entry), nowUs),
      );
      await follow(SWITCHES_BUCKET, 'breaker', (entry, nowUs) =>
        this.#watch.breaker(seenBreaker(accountId, entry), nowUs),
      );
      await follow(ALERTS_BUCKET, 'token', (entry, nowUs) => {
        const seen = seenToken(accountId, entry);
        return seen === undefined ? [] : this.#watch.token(seen, nowUs);
      });
    }
    const tick = new Poll(clock, LIMITS.alertTickMs, () => Promise.resolve());
    return [...watched, this.#bell, tick, new Poll(clock, LIMITS.feedPollMs, feeds), this.#sends()];
  }

  onMessage(session: OwnerSession, message: BusMessage): Promise<void> {
    const alerts = this.#seen(message, this.#ports.clock.nowUs());
    if (message.storedAtUs >= this.#startedAtUs) this.#raise(session, alerts);
    return Promise.resolve();
  }

  async onBatchEnd(session: OwnerSession): Promise<void> {
    await this.#commit(session);
    this.#send(session);
  }

  async onItems(session: OwnerSession, source: number, items: readonly unknown[]): Promise<void> {
    const nowUs = this.#ports.clock.nowUs();
    const read = this.#readers[source];
    for (const item of items) {
      if (read !== undefined) this.#raise(session, read(item as KvEntry, nowUs));
      else if (Array.isArray(item))
        for (const feed of item as readonly SeenFeed[])
          this.#raise(session, this.#watch.feed(feed, nowUs));
    }
    this.#raise(session, this.#watch.tick(nowUs));
    if (this.#book.tick(nowUs)) this.#dirty = true;
    this.#settle(session);
    await this.#commit(session);
    this.#send(session);
  }

  /** Sends that are under way end first, so that a successor does not send them again. */
  async onDrain(session: OwnerSession): Promise<void> {
    await this.#dispatcher.settled(this.#ports.clock);
    this.#settle(session);
    this.#dirty = true;
    await this.#commit(session);
  }

  #seen(message: BusMessage, nowUs: TimeUs): readonly Alert[] {
    const { runId, accountIds } = this.#settings;
    const kind = message.subject.split('.', 2).join('.');
    switch (kind) {
      case 'trading.signal': {
        const slice = decodeBotSlice(message.data);
        return slice.runId === runId ? this.#watch.bot(slice, nowUs) : [];
      }
      case 'trading.order': {
        const event = decodeOrderEvent(message.data);
        if (event.runId !== runId) return [];
        return event.orders.flatMap((order) => this.#watch.order(order, nowUs));
      }
      case 'trading.fill': {
        const event = decodeFillEvent(message.data);
        if (event.runId !== runId) return [];
        return event.fills.flatMap((fill) => this.#watch.fill(fill, nowUs));
      }
      case 'control.session': {
        const session = decodeSession(message.data);
        return session.runId === runId ? this.#watch.session(session, nowUs) : [];
      }
      default: {
        const drift = decodeDrift(message.data);
        if (!accountIds.includes(drift.accountId)) return [];
        return this.#watch.drift({ ...drift, healed: drift.healedAtUs !== undefined }, nowUs);
      }
    }
  }

  #raise(session: OwnerSession, alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      const { kind, level, title, atUs } = alert;
      session.log.info(`alert: ${title}`, { kind, level });
      this.#ports.meter.count(METRICS.alerts, 1, { kind, level });
      this.#book.raise(alert, atUs);
      this.#dirty = true;
    }
  }

  /** Notes what came of messages. */
  #settle(session: OwnerSession): void {
    const { meter, clock } = this.#ports;
    for (const { message, failure } of this.#dispatcher.take()) {
      const { channel } = message;
      this.#book.settle(message, failure, clock.nowUs());
      this.#dirty = true;
      const result = failure === undefined ? 'sent' : 'failed';
      meter.count(METRICS.alertMessages, 1, { channel, result });
      if (failure !== undefined)
        session.log.warn('an alert channel fails', { channel, why: failure.why });
    }
  }

  /** Writes down what has changed, and at times how far the streams have been read. */
  async #commit(session: OwnerSession): Promise<void> {
    const { clock, kv } = this.#ports;
    const nowUs = clock.nowUs();
    if (!this.#dirty && nowUs - this.#committedAtUs < LIMITS.alertCheckpointUs) return;
    const tell = this.#dirty;
    const state: StoredState = {
      version: 1,
      startedAtUs: this.#startedAtUs,
      watch: this.#watch.state(),
      book: this.#book.state(),
    };
    await session.commit({ state: new TextEncoder().encode(JSON.stringify(state)) });
    this.#dirty = false;
    this.#committedAtUs = nowUs;
    if (!tell) return;
    await writeStatus(kv, statusOf(this.#book)).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      session.log.warn('how alerts are could not be written down for people', { error });
    });
  }

  /** Sends what is due, to channels that have nothing under way. */
  #send(session: OwnerSession): void {
    for (const message of this.#book.due(this.#ports.clock.nowUs())) {
      // No fence reaches a channel.
      if (!session.held()) return;
      this.#dispatcher.send(message);
    }
  }

  /** Ends with the ownership what is under way. */
  #sends(): OwnerSource {
    const ended = new Bell();
    return {
      next: () => ended.next(),
      close: () => {
        this.#dispatcher.close();
        return ended.close();
      },
    };
  }
}
