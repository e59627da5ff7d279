import type { Calendar } from '@capstan/calendar';
import { type Implementation, int64, type reportingService } from '@capstan/contracts';
import type { EquityRecord, Store } from '@capstan/ports';
import { WHOLE_ACCOUNT } from './account-book.ts';
import type { AlertAnswers } from './alerts/alert-answers.ts';
import { days, thin } from './days.ts';
import { LIMITS } from './limits.ts';
import type { ReplayAnswers } from './replay/replay-answers.ts';
import type { SessionAnswers } from './sessions/session-answers.ts';

type Definition = typeof reportingService.ReportingServiceDefinition;

/** Answers questions about equity, results, alerts, sessions and replays. */
export class ReportingService implements Implementation<Definition> {
  readonly #store: Store;
  readonly #runId: string;
  readonly #calendar: Calendar;
  readonly #alerts: AlertAnswers;
  readonly #sessions: SessionAnswers;
  readonly #replays: ReplayAnswers;

  constructor(
    store: Store,
    of: { readonly runId: string; readonly calendar: Calendar },
    answers: {
      readonly alerts: AlertAnswers;
      readonly sessions: SessionAnswers;
      readonly replays: ReplayAnswers;
    },
  ) {
    this.#store = store;
    this.#runId = of.runId;
    this.#calendar = of.calendar;
    this.#alerts = answers.alerts;
    this.#sessions = answers.sessions;
    this.#replays = answers.replays;
  }

  listSessions(): Promise<reportingService.ListSessionsResponse> {
    return this.#sessions.list();
  }

  replayDay(
    request: reportingService.ReplayDayRequest,
  ): Promise<reportingService.ReplayDayResponse> {
    return this.#replays.day(request);
  }

  listReplays(
    request: reportingService.ListReplaysRequest,
  ): Promise<reportingService.ListReplaysResponse> {
    return this.#replays.list(request.limit);
  }

  listAlerts(): Promise<reportingService.ListAlertsResponse> {
    return this.#alerts.list();
  }

  testAlerts(
    request: reportingService.TestAlertsRequest,
  ): Promise<reportingService.TestAlertsResponse> {
    return this.#alerts.test(request.channel);
  }

  async getEquity(
    request: reportingService.GetEquityRequest,
  ): Promise<reportingService.GetEquityResponse> {
    const afterUs = int64.time(request.afterUs);
    const most = Math.min(request.limit === 0 ? LIMITS.pointsMax : request.limit, LIMITS.pointsMax);
    const points = await this.#points(request.accountId, request.botId, afterUs);
    return { points: thin(points, most).map(pointToWire) };
  }

  async getDays(
    request: reportingService.GetDaysRequest,
  ): Promise<reportingService.GetDaysResponse> {
    const { accountId } = request;
    const botId = request.botId === '' ? WHOLE_ACCOUNT : request.botId;
    const points = await this.#points(accountId, botId, undefined);
    const fills = await this.#store.fills({
      runId: this.#runId,
      accountId,
      ...(botId === WHOLE_ACCOUNT ? {} : { botId }),
      limit: LIMITS.fillsRead,
    });
    const limit = LIMITS.fillsRead;
    const cash = await this.#store.cashEvents({
      ...(accountId === '' ? {} : { accountId }),
      limit,
    });
    const own = cash.filter((event) => botId === WHOLE_ACCOUNT || event.botId === botId);
    const results = days(points, fills, (us) => this.#calendar.tradeDate(us), own);
    return {
      days: results.map((day) => ({
        accountId,
        botId,
        tradeDate: day.tradeDate,
        pnlMicros: int64.of(day.pnlMicros),
        feesMicros: int64.of(day.feesMicros),
        fills: day.fills,
        endEquityMicros: int64.of(day.endEquityMicros),
      })),
    };
  }

  /** Oldest first. */
  async #points(
    accountId: string,
    botId: string,
    afterUs: EquityRecord['atUs'] | undefined,
  ): Promise<readonly EquityRecord[]> {
    const points = await this.#store.equity({
      runId: this.#runId,
      ...(accountId === '' ? {} : { accountId }),
      botId: botId === '' ? WHOLE_ACCOUNT : botId,
      ...(afterUs === undefined ? {} : { afterUs }),
      limit: LIMITS.pointsRead,
    });
    return [...points].sort((a, b) => a.atUs - b.atUs);
  }
}

function pointToWire(point: EquityRecord): reportingService.EquityPoint {
  return {
    runId: point.runId,
    accountId: point.accountId,
    botId: point.botId,
    atUs: int64.of(point.atUs),
    cashMicros: int64.of(point.cashMicros),
    marketValueMicros: int64.of(point.marketValueMicros),
    realisedMicros: int64.of(point.realisedMicros),
    unrealisedMicros: int64.of(point.unrealisedMicros),
    feesMicros: int64.of(point.feesMicros),
  };
}
