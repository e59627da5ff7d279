import { AppError, type Retry } from '@capstan/domain';

/** The headers that carry a typed error across a transport. */
export const errorHeaders = {
  code: 'capstan-error-code',
  why: 'capstan-error-why',
  fix: 'capstan-error-fix',
  retry: 'capstan-error-retry',
} as const;

/** Most bytes of a packed text: transports end a call, or a connection, whose headers outgrow some 8 KiB. */
const PACKED_MAX = 3_000;

function pack(text: string): string {
  const packed = encodeURIComponent(text.slice(0, PACKED_MAX).toWellFormed());
  return packed.length <= PACKED_MAX
    ? packed
    : pack(text.slice(0, Math.min(text.length, PACKED_MAX) / 2));
}

function unpack(packed: string): string {
  try {
    return decodeURIComponent(packed);
  } catch {
    return packed;
  }
}

/** Packs an error into headers. Only what was meant for the caller crosses: an unexpected error keeps its text at home. */
export function errorToHeaders(error: unknown): Record<string, string> {
  if (!(error instanceof AppError)) {
    return {
      [errorHeaders.code]: 'RPC.INTERNAL',
      [errorHeaders.why]: pack('the service failed in an unexpected way.'),
      [errorHeaders.fix]: pack('Its log says why.'),
      [errorHeaders.retry]: 'final',
    };
  }
  return {
    [errorHeaders.code]: error.code,
    [errorHeaders.why]: pack(error.why),
    ...(error.fix === undefined ? {} : { [errorHeaders.fix]: pack(error.fix) }),
    [errorHeaders.retry]: error.retry,
  };
}

/** Unpacks an error from headers; `undefined` when there is none. */
export function errorFromHeaders(headers: Readonly<Record<string, string>>): AppError | undefined {
  const code = headers[errorHeaders.code];
  if (code === undefined) return undefined;
  const fix = headers[errorHeaders.fix];
  const retry: Retry = headers[errorHeaders.retry] === 'retryable' ? 'retryable' : 'final';
  return new AppError({
    code,
    why: unpack(headers[errorHeaders.why] ?? ''),
    retry,
    ...(fix === undefined ? {} : { fix: unpack(fix) }),
  });
}
