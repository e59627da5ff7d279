import { type SessionEvent, sessionDay } from '@capstan/calendar';
import {
  decodeBarsClosed,
  encodeSession,
  type ReachedSession,
  type SessionAccount,
  sessionEventId,
  subjects,
} from '@capstan/contracts';
import { AppError, type TimeUs, timeUs } from '@capstan/domain';
import type {
  OutboxDraft,
  OwnerInput,
  OwnerLogic,
  OwnerSession,
  OwnerSource,
} from '@capstan/journal';
import type { BusMessage, Clock, Meter } from '@capstan/ports';
import { Poll } from '../alerts/alert-sources.ts';
import { METRICS } from '../telemetry.ts';
import type { DayAccounts } from './day-accounts.ts';
import { LIMITS } from './limits.ts';
import { notReady, type ReadinessPorts } from './readiness.ts';
import type { RowRetention } from './row-retention.ts';
import type { AccountClosing, SessionPlan } from './session-plan.ts';
import { SessionWalk } from './session-walk.ts';

export interface SessionPorts extends ReadinessPorts {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly accounts: DayAccounts;
  readonly retention: RowRetention;
}

/** A session whose readiness is still to be looked at. */
interface Check {
  readonly date: string;
  readonly atUs: TimeUs;
}

interface StoredState {
  readonly version: 1;
  readonly runId: string;
  readonly throughUs: TimeUs;
  readonly check?: Check;
}

/**
 * Lives a market's days: notes each point of its schedule once, in order, over restarts and takeovers, and does what is due there.
 * Time is that of the market's feeds where they are played, else the wall's: a feed that a vendor tells says nothing after the close.
 */
export class SessionOwner implements OwnerLogic {
  readonly inputs: readonly OwnerInput[];
  readonly #ports: SessionPorts;
  readonly #plan: SessionPlan;
  readonly #runId: string;
  #walk: SessionWalk;
  #nowUs: TimeUs | undefined;
  #check: Check | undefined;
  #checkDueMs = 0;

  constructor(ports: SessionPorts, plan: SessionPlan, runId: string) {
    this.#ports = ports;
    this.#plan = plan;
    this.#runId = runId;
    this.#walk = new SessionWalk(plan.calendar, plan.times);
    const filters = plan.feeds.map((feed) => subjects.barsClosed(feed));
    this.inputs = plan.eventTime ? [{ stream: 'MARKET', filters }] : [];
  }

  /** A playback of another name begins anew. */
  async load(session: OwnerSession): Promise<void> {
    await Promise.resolve();
    if (session.state === undefined) return;
    const stored = JSON.parse(new TextDecoder().decode(session.state)) as StoredState;
    if (stored.version !== 1) {
      throw new AppError({
        code: 'REPORTING.STATE',
        why: `stored sessions have version ${String(stored.version)}; this service reads version 1.`,
        fix: 'Run the version that wrote them.',
      });
    }
    if (stored.runId !== this.#runId) return;
    this.#walk = new SessionWalk(this.#plan.calendar, this.#plan.times, stored.throughUs);
    this.#nowUs = stored.throughUs;
    this.#expect(stored.check);
  }

  openSources(): Promise<readonly OwnerSource[]> {
    const { clock } = this.#ports;
    return Promise.resolve([new Poll(clock, LIMITS.sessionTickMs, () => Promise.resolve())]);
  }

  onMessage(_session: OwnerSession, message: BusMessage): Promise<void> {
    const { runId, endUs } = decodeBarsClosed(message.data);
    if (runId === this.#runId && endUs > 0) this.#nowUs = timeUs(Math.max(endUs, this.#nowUs ?? 0));
    return Promise.resolve();
  }

  async onBatchEnd(session: OwnerSession): Promise<void> {
    await this.#goOn(session);
  }

  /** A moment has passed. */
  async onItems(session: OwnerSession): Promise<void> {
    if (!this.#plan.eventTime) {
      this.#nowUs = this.#ports.clock.nowUs();
      await this.#goOn(session);
    }
    const check = this.#check;
    if (check === undefined || this.#ports.clock.monotonicMs() < this.#checkDueMs) return;
    await this.#lookAt(session, check);
  }

  async #goOn(session: OwnerSession): Promise<void> {
    const nowUs = this.#nowUs;
    if (nowUs === undefined) return;
    const events = this.#walk.due(nowUs);
    if (events.length === 0) return;
    const reached: ReachedSession[] = [];
    for (const event of events) reached.push(await this.#reach(event, nowUs));
    await this.#commit(session, nowUs, reached);
    if (events.some(({ kind }) => kind === 'endOfDay')) {
      await this.#ports.retention.apply(session, nowUs);
    }
  }

  async #reach(event: SessionEvent, nowUs: TimeUs): Promise<ReachedSession> {
    const { calendar, accounts, flat, symbols } = this.#plan;
    const { kind, date, atUs } = event;
    const session = calendar.session(date);
    let problems: readonly string[] = [];
    let told: readonly SessionAccount[] = [];
    if (kind === 'preMarket') {
      told = await inTurn(accounts, (one) => this.#ports.accounts.start(one, atUs));
      // Of a session that is over by now nobody wants to know whether it could have begun.
      const isAhead = session !== undefined && nowUs < session.closeUs;
      this.#expect(isAhead ? { date, atUs } : this.#check);
    } else if (kind === 'killTime') {
      told = this.#closingAt(event).map((accountId) => ({ accountId }));
    } else if (kind === 'endOfDay' && session !== undefined) {
      const fromUs = timeUs(session.openUs - 1);
      told = await inTurn(accounts, (one) => this.#ports.accounts.day(one, fromUs, atUs));
      problems = await this.#ports.accounts.heldOver(flat, symbols, atUs);
    }
    return this.#reached({ kind, date, atUs }, nowUs, problems, told);
  }

  /** Returns the accounts of which something is closed from a kill time on. */
  #closingAt({ date, atUs }: SessionEvent): readonly string[] {
    const { calendar, times, closings } = this.#plan;
    const isDue = ({ rule }: AccountClosing): boolean =>
      sessionDay(calendar, date, { ...times, kills: [rule] }).some(
        (event) => event.kind === 'killTime' && event.atUs === atUs,
      );
    return [...new Set(closings.filter(isDue).map(({ accountId }) => accountId))].sort();
  }

  /** Looks at what a session needs, and tells what is not ready. */
  async #lookAt(session: OwnerSession, { date, atUs }: Check): Promise<void> {
    const nowUs = this.#nowUs ?? this.#ports.clock.nowUs();
    const problems = await notReady(this.#ports, this.#plan, nowUs);
    this.#check = undefined;
    await this.#commit(session, nowUs, [
      this.#reached({ kind: 'readiness', date, atUs }, nowUs, problems, []),
    ]);
  }

  #reached(
    { kind, date, atUs }: Pick<ReachedSession, 'kind' | 'date' | 'atUs'>,
    reachedAtUs: TimeUs,
    problems: readonly string[],
    accounts: readonly SessionAccount[],
  ): ReachedSession {
    const calendar = this.#plan.calendar.name;
    return { runId: this.#runId, calendar, date, kind, atUs, reachedAtUs, problems, accounts };
  }

  async #commit(
    session: OwnerSession,
    throughUs: TimeUs,
    reached: readonly ReachedSession[],
  ): Promise<void> {
    const check = this.#check === undefined ? {} : { check: this.#check };
    const state: StoredState = { version: 1, runId: this.#runId, throughUs, ...check };
    const outbox = reached.map((one): OutboxDraft => {
      const eventId = sessionEventId(one);
      const ids = { correlationId: eventId, causationId: eventId };
      return { ...ids, subject: subjects.session(one.calendar), data: encodeSession(one) };
    });
    await session.commit({ outbox, state: new TextEncoder().encode(JSON.stringify(state)) });
    for (const { calendar, date, kind, atUs, problems } of reached) {
      this.#ports.meter.count(METRICS.sessionEvents, 1, { calendar, kind });
      const fields = { calendar, date, kind, atUs };
      const text = 'the market has come to a point of its day';
      if (problems.length === 0) session.log.info(text, fields);
      else session.log.warn(text, { ...fields, problems });
    }
  }

  /** Services start in any order: what a session needs is looked at a while after its tasks. */
  #expect(check: Check | undefined): void {
    this.#check = check;
    this.#checkDueMs = this.#ports.clock.monotonicMs() + LIMITS.readinessGraceMs;
  }
}

async function inTurn<In, Out>(
  all: readonly In[],
  work: (one: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const done: Out[] = [];
  for (const one of all) done.push(await work(one));
  return done;
}
