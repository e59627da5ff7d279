import { z } from 'zod';

const port = (): z.ZodInt => z.int().min(0).max(65_535);

/** The sections that every service has. */
export const runtimeSections = {
  log: z.strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('The least important lines that are written.'),
    format: z
      .enum(['text', 'json'])
      .default('text')
      .describe('Lines for people (text) or for a log collector (json).'),
  }),
  telemetry: z.strictObject({
    otlpEndpoint: z
      .url()
      .optional()
      .describe('Where traces are sent over OTLP/HTTP; without it nothing is traced.'),
    sampleRatio: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .describe('The fraction of new traces that are recorded.'),
  }),
  server: z.strictObject({
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('The address that the HTTP and gRPC servers bind; 0.0.0.0 in a container.'),
    httpPort: port()
      .default(8_080)
      .describe('The port of health, metrics and HTTP routes; 0 takes any free one.'),
    grpcPort: port().default(9_090).describe('The port of gRPC; 0 takes any free one.'),
    drainDeadlineMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(20_000)
      .describe('How long work in hand may take to end after SIGTERM, in milliseconds.'),
  }),
} as const;
