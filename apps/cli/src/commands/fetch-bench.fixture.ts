import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AlpacaControl,
  type AlpacaEmulator,
  type AlpacaEmulatorOptions,
  EMULATOR_KEYS,
  startAlpacaEmulator,
} from '@capstan/emulators';
import { vi } from 'vitest';
import { runCli } from '../program.ts';

/** 10:00 in New York on a Monday with a session. */
const TEN_US = Date.parse('2026-01-05T15:00:00Z') * 1_000;

/** What a run of `capstan fetch` came to. */
export interface Fetched {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `capstan fetch` into a lake of its own, from an emulated Alpaca whose time stands. */
export class FetchBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'capstan-fetch-cli-'));
  lake = join(this.folder, 'lake');
  #emulator: AlpacaEmulator | undefined;

  /** Starts the emulator and puts its keys into the environment. */
  async start(
    options: AlpacaEmulatorOptions = {},
    secretKey: string = EMULATOR_KEYS.secretKey,
  ): Promise<AlpacaControl> {
    const emulator = await startAlpacaEmulator({
      clock: { kind: 'stepped', startUs: TEN_US },
      extendedHours: false,
      ...options,
    });
    this.#emulator = emulator;
    vi.stubEnv('ALPACA_KEY_ID', EMULATOR_KEYS.keyId);
    vi.stubEnv('ALPACA_SECRET_KEY', secretKey);
    vi.stubEnv('ALPACA_BASE_URL', emulator.url);
    vi.stubEnv('ALPACA_DATA_URL', emulator.url);
    vi.stubEnv('ALPACA_DATA_STREAM_URL', emulator.dataStreamUrl);
    return emulator.control;
  }

  /** Writes a configuration. @returns what `fetch` is given for it. */
  args(lines: readonly string[]): readonly string[] {
    const path = join(this.folder, 'fetch.yaml');
    writeFileSync(path, lines.join('\n'));
    return ['fetch', '--config', path, '--lake', this.lake];
  }

  async fetched(lines: readonly string[], ...more: readonly string[]): Promise<Fetched> {
    const said = { out: '', err: '' };
    const code = await runCli([...this.args(lines), ...more], {
      out: (text) => {
        said.out += `${text}\n`;
      },
      err: (text) => {
        said.err += `${text}\n`;
      },
      isTerminal: false,
    });
    return { code, ...said };
  }

  async close(): Promise<void> {
    vi.unstubAllEnvs();
    await this.#emulator?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
