/** Events of a stream that may wait for their reader before newer quotes take the place of older ones. */
export const EVENTS_BEFORE_CONFLATION = 10_000;
