import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { getCalendar } from '@capstan/calendar';
import { timeUs } from '@capstan/domain';
import {
  type Environment,
  MARKET_TIME,
  MarketTime,
  marketTimeText,
  systemClock,
} from '@capstan/runtime';
import { stringify } from 'yaml';
import type { EmulatedAccount, EmulatorPlan } from '../config/emulated-venue.ts';
import { EMULATOR_MODULE, PROJECT_ROOT, RUNTIME_HOOK } from '../project.ts';
import { MarketTimeFile } from './market-time-file.ts';
import type { ProcessSpec } from './supervised-process.ts';

/** The emulator of a vendor beside a stack's services. */
export interface EmulatedMarket {
  readonly spec: ProcessSpec;
  /** What every service is told of it: keys, addresses and the time. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The first session of a new run. */
const FIRST_DAY = '2026-01-05';
const NAME = 'alpaca-emulator';
const LOOPBACK = '127.0.0.1';

/** Lays out the emulator: where it listens, what time it is there, and how services reach it. */
export function emulatedMarket(
  plan: EmulatorPlan,
  dataDir: string,
  ports: { readonly http: number; readonly vendor: number },
  environment: Environment,
): EmulatedMarket {
  const folder = join(dataDir, NAME);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const calendar = getCalendar('XNYS');
  const firstUs = calendar.session(FIRST_DAY)?.openUs ?? timeUs(0);
  const file = new MarketTimeFile(join(folder, 'market-time.json'));
  const { speed, seed, symbols, accounts } = plan;
  const settings = { startUs: file.startUs(firstUs, speed), wallUs: systemClock.nowUs(), speed };
  const time = new MarketTime(settings, calendar, () => systemClock.nowUs());
  file.keep(time);
  const configFile = join(dataDir, 'config', `${NAME}.yaml`);
  const opened = accounts.map(({ keyId, secretKey, cash }) => ({ keyId, secretKey, cash }));
  const config = {
    log: { format: 'json' },
    server: { host: LOOPBACK, httpPort: ports.http, grpcPort: 0 },
    emulator: {
      ...{ port: ports.vendor, seed, symbols, accounts: opened },
      stateFile: join(folder, 'state.jsonl'),
    },
  };
  mkdirSync(dirname(configFile), { recursive: true, mode: 0o700 });
  writeFileSync(configFile, stringify(config), { mode: 0o600 });
  const url = `http://${LOOPBACK}:${ports.vendor}`;
  const ofTime = { [MARKET_TIME]: marketTimeText(settings) };
  return {
    environment: { ...ofTime, ...Object.assign({}, ...accounts.map((one) => reaching(one, url))) },
    spec: {
      name: NAME,
      command: process.execPath,
      args: ['--import', RUNTIME_HOOK, EMULATOR_MODULE, '--config', configFile],
      cwd: PROJECT_ROOT,
      environment: { ...present(environment), ...ofTime, CAPSTAN_SUPERVISED: '1' },
      url: `http://${LOOPBACK}:${ports.http}`,
      stopWave: 2,
      isFirst: true,
    },
  };
}

/** Names the variables by which a service reaches an account at the emulator. */
function reaching(account: EmulatedAccount, url: string): Record<string, string> {
  const { prefix, keyId, secretKey } = account;
  return {
    [`${prefix}_KEY_ID`]: keyId,
    [`${prefix}_SECRET_KEY`]: secretKey,
    [`${prefix}_BASE_URL`]: url,
    [`${prefix}_DATA_URL`]: url,
    [`${prefix}_DATA_STREAM_URL`]: url.replace(/^http/, 'ws'),
  };
}

function present(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, string>;
}
