import type { reportingService } from '@capstan/contracts';

/** What reporting answers of alerts: a kill that was told, on a channel that is well. */
export function alertsAt(atUs: bigint): reportingService.ListAlertsResponse {
  return {
    alerts: [
      {
        sequence: 1n,
        kind: 'kill',
        level: 'critical',
        title: 'paper: hard kill switch thrown by ann',
        text: 'News.',
        atUs,
        count: 1,
        sentTo: ['ops'],
      },
    ],
    channels: [
      { channel: 'ops', pending: 0, failures: 0, problem: '', sentAtUs: atUs, dropped: 0 },
    ],
  };
}
