import { defineConfig, platformSections } from '@capstan/runtime';
import { z } from 'zod';

/** What this service is configured by: the sections that the platform shares, and its own. */
export const configSchema = defineConfig({
  ...platformSections,
  operator: z.strictObject({
    namespace: z
      .string()
      .min(1)
      .optional()
      .describe('Namespace whose resources it follows; without it, that of its own pod.'),
    resyncSeconds: z
      .int()
      .min(1)
      .max(300)
      .default(5)
      .describe(
        'How often all resources are looked over while none changes: their status is as fresh.',
      ),
  }),
});
