import { AppError } from '@capstan/domain';
import { LOG_DEPTH_MAX, SECRET_LENGTH_MIN } from './limits.ts';
import { REDACTED, Secret } from './secret.ts';

const SECRET_KEY =
  /secret|passw(or)?d|passphrase|token|api[-_]?key|access[-_]?key|private[-_]?key|authorization|credential|cookie/i;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*):[^\s/@"']+@/gi;

/**
 * Copies log fields with everything hidden that a key names as secret; errors become plain fields. A number under such
 * a key stays: a lease's token is a revision, not a secret.
 */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, redactValue(key, value, 0)]),
  );
}

function redactValue(key: string, value: unknown, depth: number): unknown {
  if (value instanceof Secret) return REDACTED;
  const isPlain = value === undefined || value === null || typeof value === 'boolean';
  if (isPlain || typeof value === 'number') return value;
  if (typeof value === 'bigint') return value.toString();
  if (SECRET_KEY.test(key)) return REDACTED;
  if (typeof value !== 'object') return typeof value === 'string' ? value : String(value);
  if (value instanceof Error) return errorFields(value, depth);
  if (depth >= LOG_DEPTH_MAX) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => redactValue('', item, depth + 1));
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof Map || value instanceof Set) {
    return redactValue(key, [...value], depth);
  }
  if (value instanceof Date) return value.toJSON();
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([k, v]) => [k, redactValue(k, v, depth + 1)]));
}

/** Turns an error into log fields: code, why, fix, details, stack and causes. */
export function errorFields(error: Error, depth = 0): Record<string, unknown> {
  const cause =
    error.cause === undefined || depth >= LOG_DEPTH_MAX
      ? {}
      : { cause: redactValue('cause', error.cause, depth + 1) };
  if (error instanceof AppError) {
    const { code, why, fix, retry, details, stack } = error;
    return { type: error.name, code, why, fix, retry, ...redactFields(details), stack, ...cause };
  }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { type: error.name, ...code, message: error.message, stack: error.stack, ...cause };
}

/**
 * Makes the last look over a finished line: known secret texts and passwords inside URLs are hidden wherever they
 * stand, in messages and stacks too.
 * @param secrets texts; those shorter than six characters are not searched for.
 */
export function lineRedactor(secrets: readonly string[]): (line: string) => string {
  const needles = [...new Set(secrets)]
    .filter((text) => text.length >= SECRET_LENGTH_MIN)
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)])
    .sort((a, b) => b.length - a.length);
  const unique = [...new Set(needles)];
  return (line) => {
    let clean = line;
    for (const needle of unique) {
      if (clean.includes(needle)) clean = clean.replaceAll(needle, REDACTED);
    }
    return clean.includes('://') ? clean.replace(URL_PASSWORD, `$1:${REDACTED}@`) : clean;
  };
}
