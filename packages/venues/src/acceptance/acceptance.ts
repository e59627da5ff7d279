import { Bench } from './bench.ts';
import type { VenueHarness } from './harness.ts';
import type { AcceptanceRow } from './row.ts';
import { EXIT_ROWS } from './rows-exits.ts';
import { ORDER_ROWS } from './rows-orders.ts';
import { REPLACE_ROWS } from './rows-replaces.ts';
import { TROUBLE_ROWS } from './rows-troubles.ts';

export { DRIVEN } from './driven.ts';
export { ABILITIES, type Ability, type Trouble, type VenueHarness } from './harness.ts';
export { type AcceptanceRow, type Claim, type Standing, standingOf } from './row.ts';

/** How every broker's adapter behaves, as far as it claims it. */
export const ACCEPTANCE: readonly AcceptanceRow[] = [
  ...ORDER_ROWS,
  ...EXIT_ROWS,
  ...REPLACE_ROWS,
  ...TROUBLE_ROWS,
];

/** Has an adapter show a row. @throws what differs. */
export async function showRow(row: AcceptanceRow, harness: VenueHarness): Promise<void> {
  const bench = new Bench(harness, row.number);
  try {
    await row.run(bench);
  } finally {
    await bench.close();
  }
}
