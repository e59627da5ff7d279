import type { Fault } from './fault.ts';
import { PROCESS_FAULTS } from './process-faults.ts';
import { SERVER_FAULTS } from './server-faults.ts';
import { VENUE_FAULTS } from './venue-faults.ts';

/** Every way to break the platform that there is. */
export const FAULTS: readonly Fault[] = [...PROCESS_FAULTS, ...SERVER_FAULTS, ...VENUE_FAULTS];
