import { AppError } from '@capstan/domain';

/** What wanted to listen where. */
export interface Listening {
  readonly server: string;
  readonly host: string;
  readonly port: number;
  /** The configuration key that sets the port. */
  readonly key: string;
}

/** Makes the error for a server that could not listen. */
export function listenError({ server, host, port, key }: Listening, cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new AppError({
    code: 'RUNTIME.PORT_TAKEN',
    why: `The ${server} server cannot listen on ${host}:${port} (${code}).`,
    fix: `Stop what holds the port, or set '${key}'.`,
    cause,
    details: { port },
  });
}
