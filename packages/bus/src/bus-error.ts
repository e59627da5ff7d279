import { AppError } from '@capstan/domain';
import { JetStreamApiError } from '@nats-io/jetstream';
import {
  AuthorizationError,
  errors,
  InvalidArgumentError,
  PermissionViolationError,
} from '@nats-io/nats-core';

/** Codes of the server's JetStream API that mean something to us. */
export const apiCodes = {
  consumerNotFound: 10014,
  streamNotFound: 10059,
  streamNameInUse: 10058,
  wrongLastSequence: 10071,
  wrongLastSequenceUnknown: 10164,
  storeFailed: 10077,
  storageExceeded: 10047,
  accountResourcesExceeded: 10002,
  insufficientResources: 10023,
} as const;

/** The client's name of the error that it makes where nobody answers for JetStream; it does not export its class. */
const NO_JETSTREAM = 'JetStreamNotEnabled';

const FULL_CODES: readonly number[] = [
  apiCodes.storageExceeded,
  apiCodes.accountResourcesExceeded,
  apiCodes.insufficientResources,
];

/** An answer of the JetStream API that is not what was asked for. */
export interface ApiFailure {
  /** The HTTP-like class: 400, 404, 503. */
  readonly status: number;
  /** The precise code. */
  readonly code: number;
  readonly description: string;
}

/** Tells whether an error is the server's answer with this code. */
export function isApiError(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof JetStreamApiError && codes.includes(error.code);
}

/** Makes the error of a call that could not be carried out for want of a server. */
export function unavailable(what: string, why: string, cause?: unknown): AppError {
  return new AppError({
    code: 'BUS.UNAVAILABLE',
    why: `${what}: ${why}.`,
    fix: 'The connection is retried for ever; see that the NATS server runs and has JetStream.',
    retry: 'retryable',
    cause,
  });
}

/** Makes the error that tells a reader that its position means nothing any more. */
export function streamChanged(stream: string, why: string): AppError {
  return new AppError({
    code: 'BUS.STREAM_CHANGED',
    why: `the stream ${stream} ${why}.`,
    fix: 'Rebuild from the journal or from history, then read on from the new position.',
    details: { stream },
  });
}

/** Makes the error of a JetStream answer that is a refusal. */
export function errorOfApi(what: string, failure: ApiFailure, cause?: unknown): AppError {
  const why = `${what}: ${failure.description} (${failure.code}).`;
  if (failure.code === apiCodes.streamNotFound) {
    const fix = 'Start a service that makes the streams, or correct the name.';
    return new AppError({ code: 'BUS.NO_STREAM', why, fix, cause });
  }
  const limitReached =
    failure.code === apiCodes.storeFailed && /maximum .* exceeded/.test(failure.description);
  if (limitReached || FULL_CODES.includes(failure.code)) {
    const fix = 'Raise the limit of the stream or of the server, or make room.';
    return new AppError({ code: 'BUS.FULL', why, fix, retry: 'retryable', cause });
  }
  if (failure.status >= 429 || failure.code === apiCodes.storeFailed) {
    return unavailable(what, `the server answered "${failure.description}"`, cause);
  }
  return new AppError({ code: 'BUS.REFUSED', why, cause });
}

/** Makes the error of what this user may not do; whoever looks after the server can let it. */
export function forbidden(what: string, violation: PermissionViolationError): AppError {
  const { operation, subject } = violation;
  const does = operation === 'publish' ? 'publish on' : 'subscribe to';
  return new AppError({
    code: 'BUS.FORBIDDEN',
    why: `${what}: the NATS server does not let this user ${does} ${subject}.`,
    fix: "Use the service's own user; where it is, the server's authorization is of another version.",
    retry: 'retryable',
    cause: violation,
  });
}

/** Finds the server's refusal in what the client throws. */
function violationIn(error: unknown): PermissionViolationError | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one instanceof PermissionViolationError) return one;
  }
  return undefined;
}

/** Translates whatever the client library throws. */
export function asBusError(what: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof JetStreamApiError) {
    const { status, code, message: description } = error;
    return errorOfApi(what, { status, code, description }, error);
  }
  if (error instanceof InvalidArgumentError && error.message.includes('max_payload')) {
    const why = `${what}: the message is larger than the server takes.`;
    return new AppError({ code: 'BUS.TOO_LARGE', why, cause: error });
  }
  if (error instanceof AuthorizationError) {
    return new AppError({
      code: 'BUS.UNAUTHORIZED',
      why: `${what}: the NATS server refuses the credentials.`,
      fix: 'Correct the credentials in the configuration.',
      cause: error,
    });
  }
  const violation = violationIn(error);
  if (violation !== undefined) return forbidden(what, violation);
  if (error instanceof Error && error.name === NO_JETSTREAM) {
    return new AppError({
      code: 'BUS.UNAVAILABLE',
      why: `${what}: the NATS server has no JetStream, or has not started it yet.`,
      fix: 'Start the server with JetStream (`nats-server -js`), or enable it for the account.',
      retry: 'retryable',
      cause: error,
    });
  }
  if (error instanceof errors.TimeoutError) {
    return unavailable(what, 'the server did not answer in time', error);
  }
  return unavailable(what, error instanceof Error ? error.message : String(error), error);
}
