/** Every code of an `AppError` that this package throws. */
export const BUS_ERRORS = [
  {
    code: 'BUS.UNAVAILABLE',
    meaning: 'The NATS server is not reachable, or did not acknowledge in time.',
    fix: 'Wait, the connection is retried for ever; see that the server runs and has JetStream.',
  },
  {
    code: 'BUS.UNAUTHORIZED',
    meaning: 'The NATS server refuses the credentials.',
    fix: 'Correct the credentials in the configuration.',
  },
  {
    code: 'BUS.FORBIDDEN',
    meaning: 'The NATS server does not let this user publish or subscribe there.',
    fix: "Use the service's own user; where it is, the server's authorization is of another version.",
  },
  {
    code: 'BUS.CLOSED',
    meaning: 'The connection was closed by this process.',
    fix: 'Nothing: it is stopping.',
  },
  {
    code: 'BUS.NO_STREAM',
    meaning: 'The stream or bucket does not exist.',
    fix: 'Start a service that makes the streams, or correct the name.',
  },
  {
    code: 'BUS.STREAM_CHANGED',
    meaning: 'The stream was made anew, or no longer holds the next message of a position.',
    fix: 'Rebuild from the journal or from history, then read on from the new position.',
  },
  {
    code: 'BUS.CONFLICT',
    meaning: 'The newest message of a subject is not the one that was expected.',
    fix: 'Read what was stored meanwhile and decide anew.',
  },
  {
    code: 'BUS.STREAM_CONFIG',
    meaning: 'A stream exists with a configuration that cannot be changed into the one wanted.',
    fix: 'Move the old stream out of the way, or restore the definition.',
  },
  {
    code: 'BUS.FULL',
    meaning: 'The stream has reached its limit and refuses new messages.',
    fix: 'Raise its limit or make room.',
  },
  {
    code: 'BUS.TOO_LARGE',
    meaning: 'A message is larger than the server takes.',
    fix: 'Send less at once, or raise `max_payload` of the server.',
  },
  {
    code: 'BUS.REFUSED',
    meaning: 'The NATS server refuses a request.',
    fix: 'Read its answer in the message.',
  },
  {
    code: 'BUS.TIMEOUT',
    meaning: 'Nobody answered a request in time.',
    fix: 'Ask again, or see why the service is slow.',
  },
  {
    code: 'BUS.NO_RESPONDER',
    meaning: 'Nobody serves the subject of a request.',
    fix: 'Start the service.',
  },
  {
    code: 'BUS.BLOB_CORRUPT',
    meaning: 'A blob does not have the digest that names it.',
    fix: 'Store it again.',
  },
  {
    code: 'KV.CONFLICT',
    meaning: 'The key exists already, or has another revision than the one expected.',
    fix: 'Read it again and decide anew.',
  },
] as const;
