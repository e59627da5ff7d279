export { type BusConnection, type BusOptions, connectBus } from './connect-bus.ts';
export type { BusCredentials, BusStatus } from './connection.ts';
export type { BucketDefinition } from './ensure-streams.ts';
export { BUS_ERRORS } from './error-codes.ts';
export { deadLetterHeaders } from './nats-work-queue.ts';
