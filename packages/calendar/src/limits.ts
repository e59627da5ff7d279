/** First year whose sessions the exchange rules describe; Martin Luther King Day is a holiday from this year. */
export const FIRST_EXCHANGE_YEAR = 1998;
/** Last year that any calendar answers for: rules change, and a far answer would only look like knowledge. */
export const LAST_YEAR = 2099;
/** Sessions of an exchange year, by which its figures are annualised. */
export const EXCHANGE_SESSIONS_PER_YEAR = 252;
/** Sessions of a year in a market that never closes. */
export const ALWAYS_OPEN_SESSIONS_PER_YEAR = 365;
/** First year of the calendar that never closes. */
export const FIRST_EPOCH_YEAR = 1970;
