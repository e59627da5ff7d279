import { reportingService } from '@capstan/contracts';

/** A market that has not begun, and one on a holiday before an early close. */
export function sessionsAt(us: number): reportingService.ListSessionsResponse {
  const { Session } = reportingService;
  return {
    sessions: [
      Session.create({ calendar: '24x7', timeZone: 'UTC' }),
      Session.create({
        calendar: 'XNYS',
        timeZone: 'America/New_York',
        atUs: BigInt(us),
        localDate: '2026-11-26',
        closure: 'Thanksgiving Day',
        tradeDate: '2026-11-27',
        openUs: BigInt(us + 1),
        closeUs: BigInt(us + 2),
        earlyClose: true,
        next: 'preMarket',
        nextAtUs: BigInt(us + 3),
      }),
    ],
  };
}
