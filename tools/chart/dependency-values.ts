import { passedOn } from './service-values.ts';

/** The keys of the values that say where PostgreSQL and NATS are, and what comes with them. */
export const DEPENDENCY_VALUES = {
  postgresql: passedOn().optional(),
  externalDatabase: passedOn().optional(),
  nats: passedOn().optional(),
  externalNats: passedOn().optional(),
  migrations: passedOn().optional(),
  backup: passedOn().optional(),
  credentials: passedOn().optional(),
  tests: passedOn().optional(),
} as const;
