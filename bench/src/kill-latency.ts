import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  connectGrpc,
  executionService,
  paperExchangeService,
  termsToWire,
  venueUpdatesFromWire,
} from '@capstan/contracts';
import { deriveId, type OrderTerms, priceNanos, quantity, timeUs } from '@capstan/domain';
import { type ServiceName, Stack } from '@capstan/e2e';
import { startNats, waitUntil } from '@capstan/embedded';
import type { Benchmark, Figure } from './benchmark.ts';
import { spreadOf } from './spread.ts';

const { ExecutionServiceDefinition, KillMode } = executionService;
const { PaperExchangeServiceDefinition } = paperExchangeService;

const SERVICES: readonly ServiceName[] = ['paper-exchange', 'execution'];
/** Killed one after the other in each state: each is one sample. */
const ACCOUNTS = Array.from({ length: 100 }, (_, index) => `a${String(index).padStart(3, '0')}`);
/** Orders that work in an account when it is killed. */
const ORDERS = 20;
const CALL = { timeoutMs: 10_000 } as const;
const WAIT_MS = 60_000;
/** What DESIGN promises of the cancels. */
const BAR_MS = 1_000;

type Sample = { readonly cancelledMs: number; readonly answeredMs: number };

/** How long a hard kill takes until the exchange has cancelled all orders of the account. */
export const killBenchmark: Benchmark = {
  name: 'kill-latency',
  title: 'hard kill asked for → every working order cancelled, also with PostgreSQL or NATS down',
  run: async ({ say }) => {
    const stack = await Stack.start({
      services: SERVICES,
      config: {
        run: { id: 'bench' },
        log: { level: 'info' },
        instruments: [{ symbol: 'SPY' }],
        accounts: ACCOUNTS.map((accountId) => ({ accountId })),
      },
    });
    let nats: { stop(): Promise<unknown> } | undefined;
    try {
      const figures: Figure[] = [];
      const measured = async (state: string): Promise<void> => {
        say(`kill-latency: ${state}`);
        figures.push(...figuresOf(state, await killAll(stack)));
      };
      await owned(stack, 1);
      await measured('everything up');
      await liftAll(stack);
      const { port } = stack.servers.nats;
      await stack.servers.nats.stop();
      await lapsed(stack);
      await measured('NATS down');
      nats = await startNats({ dataDir: join(stack.folder, 'nats'), port });
      await owned(stack, 2);
      await liftAll(stack);
      await stack.servers.postgres.stop();
      await measured('PostgreSQL down');
      return { benchmark: 'kill-latency', how: HOW, figures, notes: [] };
    } finally {
      await stack.stop();
      await nats?.stop();
    }
  },
};

const HOW =
  `${ACCOUNTS.length} accounts with ${ORDERS} working orders each, killed one after the other over execution's gRPC, as the command line does; ` +
  "from the call to the exchange's event that the last of the orders is cancelled. A sample is an account. From the call on nothing that adds is " +
  'sent: the switch counts before anything is waited for. Execution and the paper exchange are processes of their own.';

function figuresOf(state: string, samples: readonly Sample[]): readonly Figure[] {
  const spread = spreadOf(samples.map((one) => one.cancelledMs));
  const answered = spreadOf(samples.map((one) => one.answeredMs));
  const bar = { value: BAR_MS, better: 'less' } as const;
  return [
    { what: `${state}: kill → all cancelled, p99`, value: spread.p99, unit: 'ms', spread, bar },
    { what: `${state}: kill → answered, p99`, value: answered.p99, unit: 'ms', spread: answered },
  ];
}

const addressOf = (stack: Stack, name: ServiceName): string =>
  `127.0.0.1:${stack.service(name).grpcPort}`;

let placed = 0;

async function killAll(stack: Stack): Promise<readonly Sample[]> {
  const execution = connectGrpc(addressOf(stack, 'execution'), ExecutionServiceDefinition);
  const exchange = connectGrpc(addressOf(stack, 'paper-exchange'), PaperExchangeServiceDefinition);
  const samples: Sample[] = [];
  try {
    for (const accountId of ACCOUNTS) {
      const orderIds = new Set<string>();
      for (let order = 0; order < ORDERS; order += 1) {
        const terms = resting(accountId);
        const answer = await exchange.client.submitOrder({ order: termsToWire(terms) }, CALL);
        if (!answer.accepted) throw new Error(`the exchange did not take it: ${answer.reason}`);
        orderIds.add(terms.orderId);
      }
      const { sequence } = await exchange.client.getAccount({ accountId }, CALL);
      const stream = exchange.streams.streamUpdates({ accountId, afterSequence: sequence });
      const startMs = performance.now();
      const mode = KillMode.KILL_MODE_HARD;
      const request = { accountId, mode, actor: 'bench', reason: 'a drill', foreign: false };
      const answered = execution.client.kill(request, CALL).then(() => performance.now() - startMs);
      const cancelledMs = await lastCancelled(stream, orderIds, startMs);
      stream.cancel();
      samples.push({ cancelledMs, answeredMs: await answered });
    }
  } finally {
    execution.close();
    exchange.close();
  }
  return samples;
}

/** Waits for the events of all the orders. @returns milliseconds since the start. */
async function lastCancelled(
  stream: AsyncIterable<paperExchangeService.StreamUpdatesResponse>,
  orderIds: Set<string>,
  startMs: number,
): Promise<number> {
  for await (const message of stream) {
    for (const update of venueUpdatesFromWire(message)) {
      if (update.kind === 'event' && update.event.kind === 'cancelled')
        orderIds.delete(update.event.orderId);
    }
    if (orderIds.size === 0) return performance.now() - startMs;
  }
  throw new Error('the stream of the exchange ended');
}

/** An order that no bar reaches. */
function resting(accountId: string): OrderTerms {
  placed += 1;
  return {
    ...{ orderId: deriveId('bench order', placed), intentId: deriveId('bench intent', placed) },
    ...{ runId: 'bench', accountId, botId: 'bench', symbol: 'SPY', side: 'buy' },
    ...{ quantity: quantity(1), type: 'limit', limitPriceNanos: priceNanos(1_000_000_000) },
    ...{ timeInForce: 'gtc', reducing: false, leg: 0, attempt: 1 },
    ...{ decidedAtUs: timeUs(0), expiresAtUs: timeUs(0) },
  };
}

async function liftAll(stack: Stack): Promise<void> {
  const { client, close } = connectGrpc(addressOf(stack, 'execution'), ExecutionServiceDefinition);
  await client.unkill({ accountId: '', actor: 'bench' }, CALL);
  close();
}

const logOf = (stack: Stack): Promise<string> =>
  readFile(stack.service('execution').logFile, 'utf8');

/** Waits until each account has had so many owners. */
async function owned(stack: Stack, times: number): Promise<void> {
  const least = times * ACCOUNTS.length;
  const all = async () => (await logOf(stack)).split('owns its key').length > least;
  if (!(await waitUntil(all, WAIT_MS))) throw new Error('not every account got its owner');
}

/** Waits until no lease is held any more. */
async function lapsed(stack: Stack): Promise<void> {
  const isQuiet = async () => (await logOf(stack)).includes('the lease cannot be asked for');
  if (!(await waitUntil(isQuiet, WAIT_MS))) throw new Error('leases did not lapse');
}
