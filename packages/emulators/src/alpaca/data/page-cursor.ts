import { badRequest } from '../refusal.ts';

/** Where a page goes on: at a symbol, at a time of it. */
export interface PageCursor {
  readonly symbol: string;
  readonly atUs: number;
}

export function writeCursor({ symbol, atUs }: PageCursor): string {
  return Buffer.from(`${symbol}|${atUs}`).toString('base64url');
}

/** @throws Refusal 400 for what is no token of ours. */
export function readCursor(token: string): PageCursor {
  const match = /^([^|]+)\|(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (match === null) throw badRequest('invalid page_token');
  return { symbol: match[1] ?? '', atUs: Number(match[2]) };
}
