import { type Calendar, sessionState } from '@capstan/calendar';
import { int64, type reportingService } from '@capstan/contracts';
import { type TimeUs, timeUs } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import type { FeedReader } from '../alerts/alert-sources.ts';
import type { SessionPlan } from './session-plan.ts';

/** Answers how the markets stand; any copy can, for it follows from the schedule and the run's clock. */
export class SessionAnswers {
  readonly #plans: readonly SessionPlan[];
  readonly #ports: { readonly clock: Clock; readonly feeds: FeedReader };

  constructor(
    plans: readonly SessionPlan[],
    ports: { readonly clock: Clock; readonly feeds: FeedReader },
  ) {
    this.#plans = plans;
    this.#ports = ports;
  }

  async list(): Promise<reportingService.ListSessionsResponse> {
    const seen = (await this.#ports.feeds()) ?? [];
    const sessions = this.#plans.map((plan) => {
      const ends = seen.filter(({ feed }) => plan.feeds.includes(feed)).map(({ endUs }) => endUs);
      if (plan.feeds.length === 0) return stateOf(plan, this.#ports.clock.nowUs());
      const endUs = Math.max(0, ...ends);
      return endUs === 0 ? notBegun(plan.calendar) : stateOf(plan, timeUs(endUs));
    });
    return { sessions };
  }
}

function notBegun({ name, timeZone }: Calendar): reportingService.Session {
  return {
    calendar: name,
    timeZone,
    atUs: 0n,
    localDate: '',
    open: false,
    closure: '',
    tradeDate: '',
    openUs: 0n,
    closeUs: 0n,
    earlyClose: false,
    next: '',
    nextAtUs: 0n,
  };
}

function stateOf({ calendar, times }: SessionPlan, atUs: TimeUs): reportingService.Session {
  const { localDate, isOpen, closure = '', session, next } = sessionState(calendar, atUs, times);
  return {
    ...notBegun(calendar),
    atUs: int64.of(atUs),
    localDate,
    open: isOpen,
    closure,
    tradeDate: session.date,
    openUs: int64.of(session.openUs),
    closeUs: int64.of(session.closeUs),
    earlyClose: session.earlyClose,
    next: next.kind,
    nextAtUs: int64.of(next.atUs),
  };
}
