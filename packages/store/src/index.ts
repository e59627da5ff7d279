export type { DatabaseAccess, DatabaseAddress } from './database-address.ts';
export { STORE_ERRORS, type StoreErrorCode } from './error-codes.ts';
export { LIMITS as STORE_LIMITS, type StoreLimits } from './limits.ts';
export { applyMigrations, type MigrationState, migrationStatus } from './migrate.ts';
export {
  type ConnectionUse,
  type OpenStoreOptions,
  openStore,
  type PostgresStoreHandle,
} from './open-store.ts';
