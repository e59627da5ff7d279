import { runService } from '@capstan/runtime';
import { configSchema } from './config.ts';
import { INSTRUMENTS } from './telemetry.ts';
import { wire } from './wire.ts';

await runService({ name: 'gateway', configSchema, instruments: INSTRUMENTS, wire });
