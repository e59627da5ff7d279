import { runService } from '@capstan/runtime';
import { configSchema } from './config.ts';
import { INSTRUMENTS } from './telemetry.ts';
import { wire } from './wire.ts';

await runService({ name: 'operator', configSchema, instruments: INSTRUMENTS, wire });
