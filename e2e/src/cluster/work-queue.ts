import type { Forward } from './forward.ts';

/** How long NATS may take to say how its streams are. */
const ASK_MS = 5_000;

/** What the scaler is told, as KEDA's documentation of `nats-jetstream` has it; all of it is text. */
export interface QueueTrigger {
  readonly account: string;
  readonly stream: string;
  readonly consumer: string;
  readonly lagThreshold: string;
  readonly activationLagThreshold: string;
}

/** How the queue of backtests stands. */
export interface QueueState {
  /** Jobs that wait. */
  readonly waiting: number;
  /** Jobs that a worker has. */
  readonly inHand: number;
  /** Jobs in hand that were given out before. */
  readonly again: number;
}

/** The answer of NATS' monitoring, as far as it is read. */
interface StreamsPage {
  readonly account_details?: readonly {
    readonly name: string;
    readonly stream_detail?: readonly {
      readonly name: string;
      readonly consumer_detail?: readonly {
        readonly name: string;
        readonly num_pending: number;
        readonly num_ack_pending: number;
        readonly num_redelivered: number;
      }[];
    }[];
  }[];
}

/** Reads the queue where KEDA reads it. @throws Error where NATS does not answer, or has no such consumer. */
export async function queueState(monitoring: Forward, trigger: QueueTrigger): Promise<QueueState> {
  const { account, stream, consumer } = trigger;
  const query = `acc=${encodeURIComponent(account)}&consumers=true&config=true`;
  const response = await fetch(`http://127.0.0.1:${monitoring.port}/jsz?${query}`, {
    signal: AbortSignal.timeout(ASK_MS),
  });
  const page = (await response.json()) as StreamsPage;
  const found = page.account_details
    ?.find(({ name }) => name === account)
    ?.stream_detail?.find(({ name }) => name === stream)
    ?.consumer_detail?.find(({ name }) => name === consumer);
  if (found === undefined) throw new Error(`NATS tells of no ${stream}/${consumer} of ${account}`);
  return {
    waiting: found.num_pending,
    inHand: found.num_ack_pending,
    again: found.num_redelivered,
  };
}
