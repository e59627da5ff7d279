import { assert } from '@capstan/domain';
import type { Headers } from '@capstan/ports';
import { type MsgHdrs, MsgHdrsImpl } from '@nats-io/nats-core';

const KEY = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const LINE_END = /[\r\n]/;
const RESERVED = 'nats-';

/** Names of the transport's own headers. */
export const natsHeaders = {
  messageId: 'Nats-Msg-Id',
  pendingMessages: 'Nats-Pending-Messages',
  operation: 'KV-Operation',
} as const;

/**
 * Writes headers in the transport's form: keys as they are, values without white space at their ends.
 * @param messageId what the server knows duplicates by.
 */
export function toNats(headers: Headers, messageId?: string): MsgHdrs | undefined {
  const record: Record<string, string[]> = {};
  let count = 0;
  for (const key of Object.keys(headers)) {
    const value = headers[key] ?? '';
    assert(KEY.test(key) && !key.startsWith(RESERVED), `header key "${key}"`);
    assert(!LINE_END.test(value), `header ${key} has more than one line`);
    record[key] = [value.trim()];
    count += 1;
  }
  if (messageId !== undefined) {
    assert(messageId !== '' && !LINE_END.test(messageId), `message id "${messageId}"`);
    record[natsHeaders.messageId] = [messageId];
    count += 1;
  }
  return count === 0 ? undefined : MsgHdrsImpl.fromRecord(record);
}

/** Reads headers from the transport's form, without the transport's own. */
export function fromNats(headers: MsgHdrs | undefined): Headers {
  if (headers === undefined) return {};
  const record: Record<string, string> = {};
  for (const [name, values] of headers) {
    const key = name.toLowerCase();
    if (!key.startsWith(RESERVED)) record[key] = values[0] ?? '';
  }
  return record;
}
