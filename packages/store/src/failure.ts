import { AppError, InvariantError } from '@capstan/domain';
import type { StoreErrorCode } from './error-codes.ts';

/** SQLSTATEs that `capstan_refuse` raises. */
export const REFUSALS = { fenced: 'CPF01', conflict: 'CPC01' } as const;

const UNIQUE_VIOLATION = '23505';
/** Undefined table, column, function, schema. */
const SCHEMA_MISSING = new Set(['42P01', '42703', '42883', '3F000']);
/**
 * Classes of SQLSTATE that another attempt may not meet: connections, rollbacks by the server, resources, an operator's
 * intervention, the system and what the server calls its own error, such as a file that it may not make longer; and who or what
 * is not let in or not there yet. The same in Prisma's codes.
 */
const PASSING = /^(08|40|53|55|57|58|XX|25006|25P03|25P04|28|3D|P1|P2024|P2028|P2034|P2037)/;

const PRISMA_CODE = /^P[1-9]\d{3}$/;
/** Prisma's codes of what PostgreSQL calls a unique violation, and of tables and columns that are not there. */
const PRISMA_UNIQUE = 'P2002';
const PRISMA_SCHEMA = new Set(['P2021', 'P2022']);

/**
 * Returns what an error of pg or Prisma means to callers of the store: an `AppError`, or the bug that it is.
 * @param doing what was tried, for the message.
 */
export function storeFailure(error: unknown, doing: string): Error {
  if (error instanceof AppError || error instanceof InvariantError) return error;
  const { code, message, constraint } = describe(error);
  if (code === REFUSALS.fenced) return failure('STORE.FENCED', `${doing}: ${message}.`, error);
  if (code === REFUSALS.conflict) return failure('STORE.CONFLICT', `${doing}: ${message}.`, error);
  if (code === UNIQUE_VIOLATION || code === PRISMA_UNIQUE) {
    const where = constraint === undefined ? '' : ` (${constraint})`;
    return failure('STORE.CONFLICT', `${doing}: a row of that key exists${where}.`, error);
  }
  if (code !== undefined && (SCHEMA_MISSING.has(code) || PRISMA_SCHEMA.has(code))) {
    // Retryable: services that start before the migrations are done go on when they are.
    const fix = 'Apply the migrations.';
    return failure('STORE.SCHEMA', `${doing}: ${message}.`, error, fix, 'retryable');
  }
  if (code === undefined && isMistake(error)) return new InvariantError(`${doing}: ${message}`);
  if (code === undefined || PASSING.test(code)) {
    return failure('STORE.UNAVAILABLE', `${doing}: ${message}.`, error, fixOf(code), 'retryable');
  }
  return new InvariantError(`${doing}: the database says ${code}: ${message}`);
}

/** Says what to do about a server that does not serve us, by its code. */
function fixOf(code: string | undefined): string {
  if (code?.startsWith('28') === true) return 'Correct the user in postgres.url, or its password.';
  if (code?.startsWith('3D') === true) return 'Make the database, or correct postgres.url.';
  return 'Check that PostgreSQL runs, and that postgres.url leads there.';
}

function failure(
  code: StoreErrorCode,
  why: string,
  cause: unknown,
  fix?: string,
  retry: 'retryable' | 'final' = 'final',
): AppError {
  return new AppError({ code, why, cause, retry, ...(fix === undefined ? {} : { fix }) });
}

interface Described {
  readonly code: string | undefined;
  readonly message: string;
  readonly constraint: string | undefined;
}

/** Tells what no server causes. */
function isMistake(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  return stringAt(error, 'name') === 'PrismaClientValidationError';
}

/** Finds the innermost error that has a SQLSTATE: Prisma wraps the driver's. Codes of sockets are not looked at. */
function describe(error: unknown): Described {
  const chain = causes(error);
  const inner = chain.find((one) => sqlState(one) !== undefined);
  const message = [inner, ...chain.toReversed()].map(lastLine).find((line) => line !== '');
  const code = sqlState(inner) ?? chain.map(prismaCode).find((one) => one !== undefined);
  return {
    code,
    message: message ?? code ?? String(error),
    constraint: stringAt(inner, 'constraint'),
  };
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  let one: unknown = error;
  while (typeof one === 'object' && one !== null && chain.length < 10) {
    chain.push(one);
    const meta: unknown = Reflect.get(one, 'meta');
    const driver =
      typeof meta === 'object' && meta !== null && Reflect.get(meta, 'driverAdapterError');
    one = driver || Reflect.get(one, 'cause');
  }
  return chain;
}

/** A SQLSTATE has a digit, which tells it from a socket's EPIPE. */
function sqlState(error: unknown): string | undefined {
  const code = stringAt(error, 'originalCode') ?? stringAt(error, 'code');
  if (code === undefined || PRISMA_CODE.test(code)) return undefined;
  return /^[0-9A-Z]{5}$/.test(code) && /[0-9]/.test(code) ? code : undefined;
}

function prismaCode(error: unknown): string | undefined {
  const code = stringAt(error, 'code');
  return code !== undefined && PRISMA_CODE.test(code) ? code : undefined;
}

function stringAt(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'string' ? found : undefined;
}

function lastLine(error: unknown): string {
  const text = stringAt(error, 'originalMessage') ?? stringAt(error, 'message') ?? '';
  return text.trim().split('\n').at(-1)?.trim().replace(/\.$/, '') ?? '';
}
