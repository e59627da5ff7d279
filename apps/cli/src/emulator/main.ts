import { runService } from '@capstan/runtime';
import { emulatorSchema } from './emulator-section.ts';
import { wire } from './wire.ts';

await runService({ name: 'alpaca-emulator', configSchema: emulatorSchema, wire });
