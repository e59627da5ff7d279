import { portErrors } from '../memory/port-errors.ts';
import type { CallFault } from './faults.ts';
import type { SimWorld } from './sim-world.ts';

/** Everything that a process says to the bus goes over one connection, in order. */
export const BUS_LANE = 'bus';

/** @throws BUS.UNAVAILABLE while the bus is down, and when the fault strikes. */
export function failOnBus(world: SimWorld, fault: CallFault): void {
  if (world.faults.busIsDown) throw portErrors.busUnavailable('the bus is down.');
  if (world.faults.hits(fault)) throw portErrors.busUnavailable('the bus failed.');
}
