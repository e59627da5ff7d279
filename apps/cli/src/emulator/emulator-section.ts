import { defineConfig } from '@capstan/runtime';
import { z } from 'zod';

/** What the process of a stack's own emulator is configured by; {@link writeEmulatorConfig} writes it. */
export const emulatorSchema = defineConfig({
  emulator: z.strictObject({
    port: z.int().min(0).max(65_535).describe('Where it answers as Alpaca does.'),
    seed: z.int().describe('What its prices follow from.'),
    symbols: z.array(z.string().min(1)).min(1).describe('Symbols that it lists.'),
    accounts: z
      .array(
        z.strictObject({
          keyId: z.string().min(1),
          secretKey: z.string().min(1).meta({ secret: true }),
          cash: z.number().positive(),
        }),
      )
      .min(1)
      .describe('Accounts, each with the key pair that opens it and the cash that it begins with.'),
    stateFile: z.string().min(1).describe('Where accounts and orders are kept.'),
  }),
});
