import type { SeenBreaker, SeenKill, SeenToken } from '@capstan/alerts';
import type { KvEntry } from '@capstan/ports';
import { breakerReason, decodeBreaker } from '@capstan/risk';

/** Reads a kill switch as execution stored it; what cannot be read counts as thrown, as it does there. */
export function seenKill(accountId: string, entry: KvEntry): SeenKill {
  const { mode, actor, reason, sinceUs } = fieldsOf(entry);
  if (mode !== 'off' && mode !== 'soft' && mode !== 'hard') {
    const why = `the switch stored at revision ${entry.revision} cannot be read`;
    return { accountId, mode: 'soft', actor: 'execution', reason: why, sinceUs: 0 };
  }
  const since = typeof sinceUs === 'number' ? sinceUs : 0;
  return { accountId, mode, actor: textOf(actor), reason: textOf(reason), sinceUs: since };
}

export function seenBreaker(accountId: string, entry: KvEntry): SeenBreaker {
  const breaker = decodeBreaker(new TextDecoder().decode(entry.value));
  const { open, sinceUs } = breaker;
  return { accountId, open, reason: open ? breakerReason(breaker) : '', sinceUs };
}

/** Reads how access to a broker stands; `undefined` where the entry says nothing that is known. */
export function seenToken(accountId: string, entry: KvEntry): SeenToken | undefined {
  const { state, advice } = fieldsOf(entry);
  if (state !== 'fine' && state !== 'expiring' && state !== 'expired') return undefined;
  return { accountId, state, advice: textOf(advice) };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function fieldsOf(entry: KvEntry): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(entry.value));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
