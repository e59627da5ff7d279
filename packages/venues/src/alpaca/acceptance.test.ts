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

const rows = ACCEPTANCE.filter(
  (row) => standingOf(row, ALPACA_CAPABILITIES, DRIVEN.alpaca) === 'claimed',
);

describe("Alpaca's adapter, through its own client, before an emulated Alpaca", () => {
  it.each(rows.map((row) => [row.number, row.title, row] as const))(
    '%s: %s',
    async (_number, _title, row) => {
      const isSlow = row.abilities?.includes('slowAnswer') === true;
      opened = await openAlpaca(isSlow ? { timeoutMs: 300 } : {});
      await showRow(row, opened);
    },
  );

  it('claims what it was made for', () => {
    expect(rows.length).toBeGreaterThan(30);
  });
});
