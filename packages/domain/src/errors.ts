/** How an operating failure is to be treated by whoever catches it. */
export type Retry = 'retryable' | 'final';

/** What an {@link AppError} is made of. */
export interface AppErrorInit {
  /** Stable code, `AREA.NAME`, a row of the owning package's `errors.ts`. */
  readonly code: string;
  /** What went wrong, where: file, line, key, value. */
  readonly why: string;
  /** What the reader can do about it. */
  readonly fix?: string;
  readonly retry?: Retry;
  readonly cause?: unknown;
  /** Structured details for logs; never a secret. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** An operating failure: expected in the field, matched by `code`, never by class. */
export class AppError extends Error {
  readonly code: string;
  readonly retry: Retry;
  readonly why: string;
  readonly fix: string | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(init: AppErrorInit) {
    const between = init.why.endsWith('\n') ? '' : ' ';
    const fix = init.fix === undefined ? '' : `${between}${init.fix}`;
    super(`${init.why}${fix}`, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'AppError';
    this.code = init.code;
    this.retry = init.retry ?? 'final';
    this.why = init.why;
    this.fix = init.fix;
    this.details = init.details ?? {};
  }
}

/** Tells whether `error` is an {@link AppError} with `code`. */
export function hasCode(error: unknown, code: string): error is AppError {
  return error instanceof AppError && error.code === code;
}

/** A bug: nobody catches it but the service runner, which logs, drains and exits. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvariantError';
  }
}

/**
 * States an invariant.
 * @throws InvariantError when `condition` is false.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Marks a branch that no value reaches; the compiler proves it, this reports it. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${JSON.stringify(value)}`);
}
