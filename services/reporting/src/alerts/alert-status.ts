import type { AlertBook, ChannelState, RecentAlert } from '@capstan/alerts';
import type { Kv } from '@capstan/ports';

/** The bucket of what alerts tell and are told. */
export const ALERTS_BUCKET = 'alerts';
const STATUS_KEY = 'status';

/** How alerting is, for people: whoever owns it writes this down for every copy to read. */
export interface AlertStatus {
  /** The latest first. */
  readonly recent: readonly RecentAlert[];
  readonly channels: readonly (Omit<ChannelState, 'pending' | 'retryAtUs'> & {
    readonly pending: number;
  })[];
}

const NO_STATUS: AlertStatus = { recent: [], channels: [] };

export function statusOf(book: AlertBook): AlertStatus {
  const channels = book.channels().map(({ pending, retryAtUs: _later, ...channel }) => ({
    ...channel,
    pending: pending.length,
  }));
  return { recent: book.state().recent, channels };
}

/** @throws BUS.UNAVAILABLE */
export async function writeStatus(kv: Kv, status: AlertStatus): Promise<void> {
  await kv.put(ALERTS_BUCKET, STATUS_KEY, new TextEncoder().encode(JSON.stringify(status)));
}

/** @throws BUS.UNAVAILABLE */
export async function readStatus(kv: Kv): Promise<AlertStatus> {
  const entry = await kv.get(ALERTS_BUCKET, STATUS_KEY);
  if (entry === undefined) return NO_STATUS;
  return JSON.parse(new TextDecoder().decode(entry.value)) as AlertStatus;
}
