/** The operating failures that this service names. */
export const GATEWAY_ERRORS = [
  {
    code: 'GATEWAY.REQUEST',
    meaning: 'A request has a field that is missing or not allowed.',
    fix: 'Correct the field that the message names.',
  },
  {
    code: 'GATEWAY.TOKEN',
    meaning: 'A request carries no token, or one that is not known.',
    fix: 'Send `Authorization: Bearer <token>`; `capstan token add` makes one.',
  },
  {
    code: 'GATEWAY.ROLE',
    meaning: 'The token may look, but not change anything.',
    fix: 'Use a token with the role operator.',
  },
  {
    code: 'GATEWAY.ORIGIN',
    meaning: 'A request comes from another web page, or under a host name that is not expected.',
    fix: 'Open the dashboard under its own address, or add the name to `gateway.auth.hosts`.',
  },
  {
    code: 'GATEWAY.CONTENT_TYPE',
    meaning: 'A request that changes something is not JSON.',
    fix: 'Send `content-type: application/json`.',
  },
  {
    code: 'GATEWAY.RATE',
    meaning: 'Too many requests came from one address.',
    fix: 'Wait a second; the live events make polling needless.',
  },
  {
    code: 'GATEWAY.VIEWERS',
    meaning: 'Too many viewers follow the live events at once.',
    fix: 'Close some dashboards.',
  },
  {
    code: 'GATEWAY.NOT_FOUND',
    meaning: 'There is nothing under this address.',
    fix: "The gateway's README lists the addresses.",
  },
  {
    code: 'GATEWAY.REFUSED',
    meaning: 'The owner of a bot, order or account would not do what was asked.',
    fix: 'Read why; the state may have changed in the meantime.',
  },
  {
    code: 'GATEWAY.INTERNAL',
    meaning: 'The gateway met a bug.',
    fix: 'Its log says what happened.',
  },
] as const;

/** A code of this service. */
export type GatewayErrorCode = (typeof GATEWAY_ERRORS)[number]['code'];
