export { runCommand } from './commands.ts';
export { JOURNAL_ERRORS } from './error-codes.ts';
export type { OwnerInput } from './input.ts';
export { acquireLease, Lease, type LeasePorts } from './lease.ts';
export { LIMITS as JOURNAL_LIMITS } from './limits.ts';
export { Mailbox } from './mailbox.ts';
export {
  type HeldKey,
  KeyedOwner,
  type OwnerLogic,
  type OwnerPorts,
  type OwnerSource,
  type OwnerStatus,
  type WithoutStore,
} from './owner.ts';
export { type KeyStatus, OwnerHost } from './owner-host.ts';
export { isOfProcess, releaseLeasesOf } from './release-leases.ts';
export { type CommitDraft, type OutboxDraft, OwnerSession, previousHeader } from './session.ts';
export { type Readings, SharedReadings, type SharedReadingsOptions } from './shared-readings.ts';
export { type OpenStep, originOf, type StepOrigin, StepTracing, traceOf } from './step-tracing.ts';
export { looksBack, readSymbolHistory } from './symbol-history.ts';
export { INSTRUMENTS as JOURNAL_INSTRUMENTS } from './telemetry.ts';
