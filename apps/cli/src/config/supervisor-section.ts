import { alertsSection, defineConfig, platformSections } from '@capstan/runtime';
import { z } from 'zod';
import { VENUE_CHOICES } from './venue-choices.ts';

const port = (): z.ZodInt => z.int().min(0).max(65_535);

/** What `capstan up` is configured by: the sections that the platform shares, who is told what goes wrong, and its own. */
export const stackSchema = defineConfig({
  ...platformSections,
  alerts: alertsSection,
  supervisor: z.strictObject({
    dashboardPort: port()
      .default(8_080)
      .describe('The port of the dashboard and the REST API; 0 takes any free one.'),
    httpPort: port()
      .default(0)
      .describe("The port of the supervisor's own /health and /shutdown; 0 takes any free one."),
    natsPort: port()
      .default(0)
      .describe(
        'The port of the embedded NATS; 0 takes any free one. Unused where nats.url is given.',
      ),
    postgresPort: port()
      .default(0)
      .describe(
        'The port of the embedded PostgreSQL; 0 takes any free one. Unused where postgres.url is given.',
      ),
    shutdownRuleMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(10_000)
      .describe(
        "How long the bots' onShutdown rules may take at Ctrl-C, `capstan down` or POST /shutdown, in milliseconds; 0 runs none.",
      ),
    venue: z
      .enum(VENUE_CHOICES)
      .default('configured')
      .describe(
        'Where accounts trade: as each says, or all of them at an Alpaca that is emulated on this machine, whose market the feeds then are.',
      ),
    dataDir: z
      .string()
      .min(1)
      .optional()
      .describe('Where all data of the stack are kept. Default: .capstan/<run.id>.'),
  }),
});
