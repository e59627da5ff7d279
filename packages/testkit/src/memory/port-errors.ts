import { AppError } from '@capstan/domain';

const retryable = (code: string, why: string, fix: string): AppError =>
  new AppError({ code, why, fix, retry: 'retryable' });

const final = (code: string, why: string, fix: string): AppError =>
  new AppError({ code, why, fix, retry: 'final' });

/** The failures that the ports name, as the real adapters throw them. */
export const portErrors = {
  storeUnavailable: (why: string) =>
    retryable('STORE.UNAVAILABLE', why, 'Try again when the database is back.'),
  fenced: (why: string) =>
    final('STORE.FENCED', why, 'Take the lease anew; somebody else owns the key.'),
  conflict: (why: string) =>
    final('STORE.CONFLICT', why, 'Read the state anew before writing again.'),
  busUnavailable: (why: string) =>
    retryable('BUS.UNAVAILABLE', why, 'Try again when the bus is back.'),
  busConflict: (why: string) => final('BUS.CONFLICT', why, 'Read what was stored meanwhile.'),
  noStream: (why: string) => final('BUS.NO_STREAM', why, 'Create the stream.'),
  streamChanged: (why: string) =>
    final('BUS.STREAM_CHANGED', why, 'Read what is missing from the journal.'),
  noResponder: (why: string) =>
    retryable('BUS.NO_RESPONDER', why, 'Start the service that answers.'),
  timeout: (why: string) => retryable('BUS.TIMEOUT', why, 'Ask again.'),
  kvConflict: (why: string) => final('KV.CONFLICT', why, 'Read the current revision.'),
  venueTimeout: (why: string) =>
    retryable('VENUE.TIMEOUT', why, 'Ask the venue what became of it.'),
  venueUnavailable: (why: string) =>
    retryable('VENUE.UNAVAILABLE', why, 'Try again when the venue is back.'),
  marketUnavailable: (why: string) =>
    retryable('MARKET.UNAVAILABLE', why, 'Try again when the vendor is back.'),
  unknownSymbol: (symbol: string) =>
    final('MARKET.SYMBOL', `there is no symbol '${symbol}'.`, 'Write it as the vendor does.'),
} as const;
