export { natsAuthorization, natsUsers, passwordVariable } from './authorization.ts';
export { type BusConnection, type BusOptions, connectBus } from './connect-bus.ts';
export type { BusStatus, BusTls } from './connection.ts';
export type { BusCredentials, BusLogin } from './credentials.ts';
export type { BucketDefinition } from './ensure-streams.ts';
export { BUS_ERRORS } from './error-codes.ts';
export { consumerName, deadLetterHeaders } from './nats-work-queue.ts';
export { connectionName, type NatsPermissions, natsPermissions } from './permissions.ts';
