export type { ServerExit } from './child-server.ts';
export { type DebianProgram, findDebianProgram } from './debian-program.ts';
export { EMBEDDED_ERRORS } from './error-codes.ts';
export { freePort, isPortFree } from './free-port.ts';
export { type EmbeddedNats, type NatsOptions, startNats } from './nats.ts';
export { findNatsServer, type NatsBinaryOptions } from './nats-binary.ts';
export { type PortHolder, whoHoldsPort } from './port-holder.ts';
export { type EmbeddedPostgres, type PostgresOptions, startPostgres } from './postgres.ts';
export {
  startTestServers,
  type TestServerOptions,
  type TestServers,
  UNSAFE_FAST_FLAGS,
  withServers,
} from './test-servers.ts';
export { waitUntil } from './wait-until.ts';
