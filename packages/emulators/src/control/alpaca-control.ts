import { MICROS_PER_UNIT, NANOS_PER_UNIT, US_PER_MINUTE } from '@capstan/domain';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AccountInput } from '../alpaca/account-inputs.ts';
import type { EmulatorContext } from '../alpaca/emulator-context.ts';
import { badRequest } from '../alpaca/refusal.ts';
import type { AlpacaStreams } from '../alpaca/streams/alpaca-streams.ts';
import { parseUtc, utcText } from '../alpaca/wire-text.ts';
import { FAULT, type Fault, type FaultKind } from './faults.ts';
import type { RequestJournal, SeenRequest } from './request-journal.ts';

const STEP = z.strictObject({
  seconds: z.number().positive().optional(),
  minutes: z.number().positive().optional(),
  to: z.string().optional(),
});
const DROP = z.strictObject({ stream: z.enum(['trading', 'data', 'all']).optional() });

const CASH_TYPES = ['INT', 'FEE', 'CSD', 'CSW', 'JNLC'] as const;
const POSTED = z.discriminatedUnion('kind', [
  /** Interest, a fee, a deposit, a withdrawal or a transfer, in units of currency; negative takes it. */
  z.strictObject({
    kind: z.literal('cash'),
    type: z.enum(CASH_TYPES),
    amount: z.number(),
    description: z.string().optional(),
    account: z.string().optional(),
  }),
  /** In units of currency a share. */
  z.strictObject({
    kind: z.literal('dividend'),
    symbol: z.string(),
    perShare: z.number().positive(),
    account: z.string().optional(),
  }),
]);
export type Posted = z.infer<typeof POSTED>;

/** Faults by which the state of accounts comes out otherwise: they are kept with it. */
const EXCHANGE_FAULTS: ReadonlySet<FaultKind> = new Set([
  'halted',
  'thin',
  'cancelFillRace',
  'replaceRejected',
  'replaceFillRace',
]);

/** What can be done to a running emulator beside what a client does; over HTTP too, below `/_control`. */
export class AlpacaControl {
  readonly #context: EmulatorContext;
  readonly #journal: RequestJournal;
  readonly #streams: AlpacaStreams;

  constructor(context: EmulatorContext, journal: RequestJournal, streams: AlpacaStreams) {
    this.#context = context;
    this.#journal = journal;
    this.#streams = streams;
  }

  /** The emulator's time. */
  nowUs(): number {
    return this.#context.now();
  }

  /** Lets time go on by so much, and the market with it. */
  step(
    { seconds = 0, minutes = 0 }: { seconds?: number; minutes?: number } = { minutes: 1 },
  ): void {
    this.stepTo(this.nowUs() + Math.round((seconds / 60 + minutes) * US_PER_MINUTE));
  }

  /** Lets time be a later one. */
  stepTo(us: number): void {
    this.#context.clock.moveTo(us);
    this.#context.keep({ kind: 'time', atUs: this.#context.now() });
  }

  /** Lets something go wrong from now on. */
  fault(fault: Fault): void {
    const atUs = this.#context.now();
    this.#context.faults.add(fault);
    if (EXCHANGE_FAULTS.has(fault.kind)) this.#context.keep({ kind: 'fault', fault, atUs });
    if (fault.kind === 'halted') {
      this.#streams.tellStatus(fault.symbol, true, this.#context.exchange.nowUs);
    }
  }

  /** Lets everything go well again, or all of a kind. */
  clear(kind?: FaultKind): void {
    const atUs = this.#context.now();
    const halted = this.#context.faults.list().filter((fault) => fault.kind === 'halted');
    this.#context.faults.clear(kind);
    this.#context.keep({ kind: 'clear', atUs, ...(kind === undefined ? {} : { of: kind }) });
    for (const { symbol } of halted) {
      if (this.#context.faults.isHalted(symbol)) continue;
      this.#streams.tellStatus(symbol, false, this.#context.exchange.nowUs);
    }
  }

  /** Gives the account of a key another pair: from now on the pair before is refused, and streams that it opened stay. */
  rotateKeys(keyId: string, pair: { readonly keyId: string; readonly secretKey: string }): void {
    this.#context.keys.rotate(keyId, pair);
  }

  /** Lets cash come or go on an account, the first unless named by its key, or pays a dividend on what it holds. */
  post(posted: Posted): void {
    const { accounts } = this.#context.exchange;
    const account =
      posted.account === undefined
        ? accounts[0]
        : accounts.find(({ settings }) => settings.accountId === posted.account);
    if (account === undefined) throw badRequest(`no account has the key '${posted.account}'`);
    this.#context.act(account, inputOf(posted));
  }

  faults(): readonly Fault[] {
    return this.#context.faults.list();
  }

  /** Returns requests of which the address contains a text, oldest first. */
  requests(containing?: string): readonly SeenRequest[] {
    return this.#journal.list(containing);
  }

  /** Resolves with a request of a method whose address contains a text, once there is one. */
  requestOf(method: string, containing: string): Promise<SeenRequest> {
    return this.#journal.find(method, containing);
  }

  /** Ends connections of streams, as a network does. */
  dropStreams(which: 'trading' | 'data' | 'all' = 'all'): void {
    this.#streams.drop(which);
  }

  connections(): { readonly trading: number; readonly data: number } {
    return this.#streams.connections;
  }

  /** Adds the routes below `/_control`. */
  addRoutes(app: FastifyInstance): void {
    app.get('/_control', () => this.#state());
    app.get('/_control/requests', ({ query }) =>
      this.requests((query as { containing?: string }).containing),
    );
    app.get('/_control/faults', () => this.faults());
    app.post('/_control/faults', ({ body }) => {
      this.fault(read(FAULT, body));
      return this.faults();
    });
    app.delete('/_control/faults', ({ query }) => {
      this.clear((query as { kind?: FaultKind }).kind);
      return this.faults();
    });
    app.post('/_control/step', ({ body }) => {
      const { to, ...by } = read(STEP, body ?? {});
      if (to === undefined) this.step(Object.keys(by).length === 0 ? undefined : present(by));
      else this.stepTo(parseUtc(to) ?? fail(`'${to}' is no time`));
      return this.#state();
    });
    app.post('/_control/post', ({ body }) => {
      this.post(read(POSTED, body));
      return this.#state();
    });
    app.post('/_control/drop', ({ body }) => {
      this.dropStreams(read(DROP, body ?? {}).stream);
      return this.#state();
    });
  }

  #state() {
    return { now: utcText(this.nowUs()), faults: this.faults(), connections: this.connections() };
  }
}

function inputOf(posted: Posted): AccountInput {
  if (posted.kind === 'dividend') {
    const { symbol, perShare } = posted;
    return { kind: 'dividend', symbol, perShareNanos: Math.round(perShare * NANOS_PER_UNIT) };
  }
  const { type, amount, description } = posted;
  const row = { type, amountMicros: Math.round(amount * MICROS_PER_UNIT) };
  return { kind: 'cash', row: description === undefined ? row : { ...row, description } };
}

function present({
  seconds,
  minutes,
}: {
  seconds?: number | undefined;
  minutes?: number | undefined;
}) {
  return {
    ...(seconds === undefined ? {} : { seconds }),
    ...(minutes === undefined ? {} : { minutes }),
  };
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  return fail(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unreadable'}`);
}

function fail(message: string): never {
  throw badRequest(message);
}
