import { Alpaca } from '@alpacahq/alpaca-trade-api';
import { type AlpacaEmulator, startAlpacaEmulator } from './alpaca-emulator.ts';
import { type AlpacaEmulatorOptions, EMULATOR_KEYS } from './emulator-options.ts';

/** 10:00 in New York on a Monday with a session. */
export const TEN_O_CLOCK_US = Date.parse('2026-01-05T15:00:00Z') * 1_000;

/** Starts an emulator whose time stands at ten o'clock until it is told to go on. */
export function startAt(options: AlpacaEmulatorOptions = {}, startUs = TEN_O_CLOCK_US) {
  return startAlpacaEmulator({ clock: { kind: 'stepped', startUs }, ...options });
}

/** The vendor's own client, led to an emulator. */
export function sdkOf(
  emulator: AlpacaEmulator,
  keys: { keyId: string; secretKey: string } = EMULATOR_KEYS,
) {
  return new Alpaca({
    keyId: keys.keyId,
    secret: keys.secretKey,
    paper: true,
    fetchApi: (input: unknown, init?: RequestInit) => {
      const asked = new URL(String(input instanceof Request ? input.url : input));
      return fetch(`${emulator.url}${asked.pathname}${asked.search}`, init);
    },
  });
}
