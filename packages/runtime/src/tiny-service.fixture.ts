/** A service for the tests of the runner: what it does is said by `TINY`, and what it did by its log. */
import type { GrpcService } from '@capstan/contracts';
import { AppError, assert } from '@capstan/domain';
import { z } from 'zod';
import { defineConfig, readEnvironment, runService, secret, withSpan } from './index.ts';

const configSchema = defineConfig({
  signal: z.strictObject({
    bots: z.int().min(1).default(1).describe('How many.'),
    apiKey: secret().optional().describe('A key.'),
  }),
});
const { TINY: behaviour = 'well' } = readEnvironment();
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const never = new Promise<void>(() => undefined);

const asIs = (bytes: Buffer): Buffer => bytes;
const echo: GrpcService = {
  definition: {
    Echo: {
      path: '/tiny.v1.EchoService/Echo',
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  },
  implementation: {
    Echo: (call: { request: Buffer }, done: (error: null, answer: Buffer) => void) =>
      done(null, call.request),
  },
};

await runService({
  name: 'tiny',
  configSchema,
  wire: (context) => {
    const { log, config } = context;
    log.info('wired', { config, spoken: config.signal.apiKey?.reveal() });
    return {
      start: async () => {
        if (behaviour === 'refuses') {
          throw new AppError({ code: 'TINY.AWAY', why: 'The broker is away.', fix: 'Wait.' });
        }
        assert(behaviour !== 'bug-at-start', 'two is two');
        if (behaviour === 'rejects') void Promise.reject(new Error('nobody caught this'));
        if (behaviour === 'throws') setImmediate(() => assert(false, 'one is one'));
        if (behaviour === 'crashes') context.crash('a text');
        if (behaviour === 'traces') {
          await withSpan('tiny', 'tiny-step', { traceparent: PARENT }, async (span) => {
            const headers: Record<string, string> = {};
            span.inject(headers);
            log.info('traced', { headers });
          });
        }
      },
      drain: async () => {
        log.info('draining work');
        if (behaviour === 'hangs') await never;
        if (behaviour === 'fails-to-drain') throw new Error('drain failed');
        log.info('drained');
      },
      handleHttp: (request, response) => response.end(`tiny ${request.url}`),
      grpcServices: [echo],
    };
  },
});
