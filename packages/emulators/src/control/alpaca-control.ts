import { US_PER_MINUTE } from '@capstan/domain';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
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
    this.#context.now();
  }

  /** Lets something go wrong from now on. */
  fault(fault: Fault): void {
    this.#context.now();
    this.#context.faults.add(fault);
    if (fault.kind === 'halted') {
      this.#streams.tellStatus(fault.symbol, true, this.#context.exchange.nowUs);
    }
  }

  /** Lets everything go well again, or all of a kind. */
  clear(kind?: FaultKind): void {
    this.#context.now();
    const halted = this.#context.faults.list().filter((fault) => fault.kind === 'halted');
    this.#context.faults.clear(kind);
    for (const { symbol } of halted) {
      if (this.#context.faults.isHalted(symbol)) continue;
      this.#streams.tellStatus(symbol, false, this.#context.exchange.nowUs);
    }
  }

  faults(): readonly Fault[] {
    return this.#context.faults.list();
  }

  /** Returns requests of which the address contains a text, oldest first. */
  requests(containing?: string): readonly SeenRequest[] {
    return this.#journal.list(containing);
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
    app.post('/_control/drop', ({ body }) => {
      this.dropStreams(read(DROP, body ?? {}).stream);
      return this.#state();
    });
  }

  #state() {
    return { now: utcText(this.nowUs()), faults: this.faults(), connections: this.connections() };
  }
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
