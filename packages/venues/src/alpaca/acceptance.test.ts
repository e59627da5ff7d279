import { afterEach, describe, expect, it } from 'vitest';
import { ACCEPTANCE, showRow, standingOf } from '../acceptance/acceptance.ts';
import { DRIVEN } from '../acceptance/driven.ts';
import { ALPACA_CAPABILITIES } from './alpaca-broker.ts';
import { openAlpaca } from './alpaca-harness.fixture.ts';

type Opened = Awaited<ReturnType<typeof openAlpaca>>;
let opened: Opened | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

/** With all that the configuration may turn on. */
const capabilities = { ...ALPACA_CAPABILITIES, replaces: true };
const rows = ACCEPTANCE.filter((row) => standingOf(row, capabilities, DRIVEN.alpaca) === 'claimed');

describe("Alpaca's adapter, through its own client, before an emulated Alpaca", () => {
  it.each(rows.map((row) => [row.number, row.title, row] as const))(
    '%s: %s',
    async (_number, _title, row) => {
      const isSlow = row.abilities?.includes('slowAnswer') === true;
      const extendedHours = row.abilities?.includes('extendedHours') === true;
      opened = await openAlpaca({ extendedHours, ...(isSlow ? { timeoutMs: 300 } : {}) });
      await showRow(row, opened);
    },
  );

  it('claims what it was made for', () => {
    expect(rows.length).toBeGreaterThan(55);
  });
});
