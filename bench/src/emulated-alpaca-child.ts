import { startAlpacaEmulator } from '@capstan/emulators';

/** A process of its own: an emulated Alpaca whose plan has no end, at the address that it prints. */
const standing = { kind: 'stepped', startUs: Date.parse('2026-01-05T15:00:00Z') * 1_000 } as const;
const { url } = await startAlpacaEmulator({
  clock: process.argv[2] === 'running' ? { kind: 'real' } : standing,
  extendedHours: false,
  requestLimits: { data: 1_000_000, trading: 1_000_000 },
});
process.stdout.write(`${url}\n`);
