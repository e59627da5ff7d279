import { defineConfig, platformSections } from '@capstan/runtime';
import { z } from 'zod';

/** What this service is configured by: the sections that the platform shares, and its own. */
export const configSchema = defineConfig({
  ...platformSections,
  gateway: z.strictObject({
    environment: z
      .enum(['dev', 'paper', 'live'])
      .default('dev')
      .describe('What the page calls this installation.'),
    dashboard: z
      .string()
      .min(1)
      .optional()
      .describe('Folder of the built page; without it, apps/dashboard/dist beside the code.'),
    services: z
      .record(z.string(), z.url())
      .default({})
      .describe('Where each service answers HTTP, such as risk: http://127.0.0.1:8083.'),
    auth: z.strictObject({
      localOperator: z
        .boolean()
        .default(false)
        .describe('Requests from this machine are the operator’s without a token: for a laptop.'),
      hosts: z
        .array(z.string().min(1))
        .default([])
        .describe('Host names under which the page may be asked for; any, with a token, if empty.'),
    }),
  }),
});
