import {
  type AnswerStream,
  activityFromWire,
  connectGrpc,
  type GrpcConnection,
  int64,
  paperExchangeService,
  revisionToWire,
  submitAnswerFromWire,
  termsToWire,
  venueOrderFromWire,
  venueUpdatesFromWire,
} from '@capstan/contracts';
import { AppError, type OrderTerms, type VenueReplaced } from '@capstan/domain';
import type {
  BrokerVenue,
  CancelAnswer,
  Clock,
  Headers,
  Log,
  SubmitAnswer,
  VenueAccount,
  VenueActivity,
  VenueCapabilities,
  VenueConditions,
  VenueOrder,
  VenueUpdate,
  VenueUpdates,
} from '@capstan/ports';

type Definition = typeof paperExchangeService.PaperExchangeServiceDefinition;

export interface PaperVenuePorts {
  readonly clock: Clock;
  readonly log: Log;
}

export interface PaperVenueSettings {
  /** `host:port` of the paper exchange. */
  readonly address: string;
  /** How long a call may take before its outcome counts as not known. */
  readonly timeoutMs: number;
}

/** The simulated exchange declares what a careful broker would. */
export const PAPER_CAPABILITIES: VenueCapabilities = {
  enforcesClientOrderId: true,
  findsByClientOrderId: true,
  visibilityMs: 0,
  numbersEvents: true,
  reportsSlices: true,
  replaces: true,
  batchSubmitMax: 512,
  orderTypes: ['market', 'limit', 'stop', 'stopLimit', 'trailingStop'],
  timesInForce: ['day', 'gtc', 'ioc', 'onOpen', 'onClose'],
  exits: ['bracket', 'trailing'],
  exitsBegin: 'eachFill',
  exitsHold: false,
  exitsLater: false,
  activities: 'all',
};

const RECONNECT_MS = 250;

/** The paper exchange as a broker, over its gRPC service. */
export class PaperVenue implements BrokerVenue {
  readonly capabilities = PAPER_CAPABILITIES;
  readonly #ports: PaperVenuePorts;
  readonly #timeoutMs: number;
  readonly #connection: GrpcConnection<Definition>;

  constructor(ports: PaperVenuePorts, settings: PaperVenueSettings) {
    this.#ports = ports;
    this.#timeoutMs = settings.timeoutMs;
    this.#connection = connectGrpc(
      settings.address,
      paperExchangeService.PaperExchangeServiceDefinition,
    );
  }

  async submit(order: OrderTerms, headers: Headers = {}): Promise<SubmitAnswer> {
    const request = { order: termsToWire(order) };
    const options = { ...this.#options(), headers };
    const answer = await this.#ask('submit an order', () =>
      this.#connection.client.submitOrder(request, options),
    );
    return submitAnswerFromWire(answer);
  }

  async submitAll(
    orders: readonly OrderTerms[],
    headers: Headers = {},
  ): Promise<readonly SubmitAnswer[]> {
    const request = { orders: orders.map(termsToWire) };
    const options = { ...this.#options(), headers };
    const { answers } = await this.#ask('submit orders', () =>
      this.#connection.client.submitOrders(request, options),
    );
    if (answers.length === orders.length) return answers.map(submitAnswerFromWire);
    throw new AppError({
      code: 'VENUE.UNAVAILABLE',
      why: `the paper exchange answered ${answers.length} of ${orders.length} orders, so that nothing is known of any.`,
      fix: 'It is asked again about each of them.',
      retry: 'retryable',
    });
  }

  async cancel(accountId: string, orderId: string): Promise<CancelAnswer> {
    const answer = await this.#ask('cancel an order', () =>
      this.#connection.client.cancelVenueOrder({ accountId, orderId }, this.#options()),
    );
    return answer.requested ? { kind: 'requested' } : { kind: 'rejected', reason: answer.reason };
  }

  async replace(accountId: string, orderId: string, to: VenueReplaced): Promise<CancelAnswer> {
    const { count, ...revision } = to;
    const request = { accountId, orderId, count, revision: revisionToWire(revision) };
    const answer = await this.#ask('replace an order', () =>
      this.#connection.client.replaceVenueOrder(request, this.#options()),
    );
    return answer.requested ? { kind: 'requested' } : { kind: 'rejected', reason: answer.reason };
  }

  async find(accountId: string, orderId: string): Promise<VenueOrder | undefined> {
    const { order } = await this.#ask('find an order', () =>
      this.#connection.client.findOrder({ accountId, orderId }, this.#options()),
    );
    return order === undefined ? undefined : venueOrderFromWire(order);
  }

  async openOrders(accountId: string): Promise<readonly VenueOrder[]> {
    const { orders } = await this.#ask('list orders', () =>
      this.#connection.client.listOpenOrders({ accountId }, this.#options()),
    );
    return orders.map(venueOrderFromWire);
  }

  async account(accountId: string): Promise<VenueAccount> {
    const account = await this.#ask('read the account', () =>
      this.#connection.client.getAccount({ accountId }, this.#options()),
    );
    return {
      accountId: account.accountId,
      currency: account.currency,
      cashMicros: int64.cash(account.cashMicros),
      sequence: int64.number(account.sequence),
      positions: account.positions.map((one) => ({
        symbol: one.symbol,
        quantity: int64.quantity(one.quantity),
        costMicros: int64.cash(one.costMicros),
      })),
    };
  }

  async activities(accountId: string, afterActivityId: string): Promise<readonly VenueActivity[]> {
    const { activities } = await this.#ask('list activities', () =>
      this.#connection.client.listActivities({ accountId, afterActivityId }, this.#options()),
    );
    return activities.map(activityFromWire);
  }

  async conditions(): Promise<VenueConditions> {
    const { nowUs, restrictions } = await this.#ask('tell its conditions', () =>
      this.#connection.client.getConditions({}, this.#options()),
    );
    return { nowUs: int64.time(nowUs), restrictions };
  }

  updates(accountId: string, afterSequence: number): Promise<VenueUpdates> {
    const open = (after: number) =>
      this.#connection.streams.streamUpdates({ accountId, afterSequence: int64.of(after) });
    return Promise.resolve(new StreamedUpdates(this.#ports, open, afterSequence));
  }

  /** Ends the connection. */
  close(): void {
    this.#connection.close();
  }

  #options(): { timeoutMs: number } {
    return { timeoutMs: this.#timeoutMs };
  }

  /** Turns the transport's failures into the venue's: nothing is known of what was asked. */
  async #ask<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('RPC.')) throw error;
      throw new AppError({
        code: error.code === 'RPC.TIMEOUT' ? 'VENUE.TIMEOUT' : 'VENUE.UNAVAILABLE',
        why: `the paper exchange did not say what became of the wish to ${what}: ${error.why}`,
        fix: 'It is asked again when it is there.',
        retry: 'retryable',
        cause: error,
      });
    }
  }
}

/** A stream of updates that takes up where it broke off. */
class StreamedUpdates implements VenueUpdates {
  readonly #ports: PaperVenuePorts;
  readonly #open: (
    afterSequence: number,
  ) => AnswerStream<paperExchangeService.StreamUpdatesResponse>;
  readonly #stop = new AbortController();
  readonly #arrived: VenueUpdate[] = [];
  #afterSequence: number;
  #wake: (() => void) | undefined;
  #stream: AnswerStream<paperExchangeService.StreamUpdatesResponse> | undefined;
  readonly #running: Promise<void>;

  constructor(
    ports: PaperVenuePorts,
    open: (afterSequence: number) => AnswerStream<paperExchangeService.StreamUpdatesResponse>,
    afterSequence: number,
  ) {
    this.#ports = ports;
    this.#open = open;
    this.#afterSequence = afterSequence;
    this.#running = this.#run();
  }

  /** What the exchange sent in one piece is handed over in one piece: a turn later all of it has been read. */
  async next(): Promise<readonly VenueUpdate[]> {
    while (this.#arrived.length === 0 && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.#stop.signal.aborted ? [] : this.#arrived.splice(0);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#stream?.cancel();
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, clock } = this.#ports;
    let isAway = false;
    while (!this.#stop.signal.aborted) {
      try {
        this.#stream = this.#open(this.#afterSequence);
        for await (const message of this.#stream) {
          if (isAway) log.info('the stream of the paper exchange goes on');
          isAway = false;
          for (const update of venueUpdatesFromWire(message)) this.#take(update);
        }
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        // Once for each time that it is away: it is tried several times a second.
        if (!isAway)
          log.warn('the stream of the paper exchange broke off; it is taken up again', { error });
        isAway = true;
      }
      await clock.sleep(RECONNECT_MS, this.#stop.signal);
    }
  }

  #take(update: VenueUpdate): void {
    if (update.kind === 'event') this.#afterSequence = update.event.sequence;
    this.#arrived.push(update);
    this.#wake?.();
  }
}
