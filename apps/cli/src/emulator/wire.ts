import { type AlpacaEmulator, startAlpacaEmulator } from '@capstan/emulators';
import type { ConfigOf, ServiceContext, WiredService } from '@capstan/runtime';
import type { emulatorSchema } from './emulator-section.ts';

/** Far above what a stack asks: on this machine nobody has to be spared. */
const REQUESTS_PER_MINUTE = 100_000;
/** Market data and position-sync, execution and a person may listen at once, also while a process takes over from another. */
const STREAM_CONNECTIONS = 4;

/** Puts the emulator of a stack together: its clock is the stack's market time. */
export function wire({
  config,
  clock,
  log,
}: ServiceContext<ConfigOf<typeof emulatorSchema>>): WiredService {
  let emulator: AlpacaEmulator | undefined;
  return {
    start: async () => {
      const trading = REQUESTS_PER_MINUTE;
      emulator = await startAlpacaEmulator({
        ...config.emulator,
        clock: { kind: 'given', nowUs: () => clock.nowUs() },
        extendedHours: false,
        plan: 'paid',
        requestLimits: { trading, data: trading },
        streamConnections: STREAM_CONNECTIONS,
      });
      log.info('stands for Alpaca', { url: emulator.url, symbols: config.emulator.symbols.length });
    },
    drain: async () => {
      await emulator?.close();
    },
  };
}
