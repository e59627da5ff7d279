import type { BusMessage, OutboxMessage, Span, Tracer } from '@capstan/ports';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytes, HandProducer, JournalWorld, publishAll } from './journal.test-support.ts';
import { NotingLogic, noNotes } from './owner.test-support.ts';
import { KeyedOwner } from './owner.ts';
import type { OwnerSession } from './session.ts';
import { traceOf } from './step-tracing.ts';

const IN = 'trading.approved.paper';
const OUT = 'trading.order.paper';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const FROM_RISK = `00-${TRACE}-b7ad6b7169203331-01`;

/** Answers each message with one of its own, and says so; what it is told to do as a step of its own goes out under that. */
class Echo extends NotingLogic {
  override readonly inputs = [{ stream: 'TRADING', filters: [IN] }];
  override async onMessage(session: OwnerSession, message: BusMessage): Promise<void> {
    const send = () =>
      session.commit({
        outbox: [{ subject: OUT, data: message.data, correlationId: 'c', causationId: 'c' }],
      });
    session.log.info('heard');
    if (this.notes.heard.length === 0) await send();
    else await session.within('anew', { trace: {}, correlationId: 'another' }, send);
    session.log.info('answered');
    const aside = session.open('aside', { trace: message.headers });
    aside.log.info('aside');
    aside.end();
    await super.onMessage(session, message);
  }
}

/** Notes the spans and numbers their contexts. */
class NotingTracer implements Tracer {
  readonly spans: string[] = [];
  #opened = 0;
  start(name: string, parent: Readonly<Record<string, string>> = {}): Span {
    this.#opened += 1;
    const id = String(this.#opened).padStart(16, '0');
    const trace = parent.traceparent?.slice(3, 35) ?? 'f'.repeat(32);
    this.spans.push(`${name} under ${parent.traceparent ?? 'nothing'}`);
    return {
      setAttribute: () => undefined,
      fail: () => this.spans.push(`${name} failed`),
      end: () => this.spans.push(`${name} ended`),
      inject: (headers) => {
        headers.traceparent = `00-${trace}-${id}-01`;
      },
      run: (work) => {
        this.spans.push(`${name} runs`);
        return work();
      },
    };
  }
}

let world: JournalWorld;
let owner: KeyedOwner;
let running: Promise<void>;
const notes = noNotes();
let tracer: NotingTracer;

beforeEach(() => {
  world = new JournalWorld();
  tracer = new NotingTracer();
  notes.heard.length = 0;
});

afterEach(async () => {
  const stopping = owner.stop();
  await world.until(() => owner.status.kind === 'stopped');
  await stopping;
  await running;
});

/** Starts an owner, hands it messages that come from risk, and returns what it sent. */
async function play(texts: readonly string[], by?: Tracer): Promise<readonly OutboxMessage[]> {
  const { bus, kv, store, clock, log, meter } = world;
  const ports = { bus, kv, store, clock, log, meter, ...(by === undefined ? {} : { tracer: by }) };
  const producer = await HandProducer.start(world, 'risk/paper');
  owner = new KeyedOwner(ports, 'execution/paper', 'life', () => new Echo(notes));
  running = owner.run();
  await world.until(() => owner.status.kind === 'owning');
  for (const text of texts) {
    const [message] = await producer.commit(IN, [text]);
    if (message === undefined) throw new Error('nothing was committed');
    const ids = { traceparent: FROM_RISK, 'capstan-correlation-id': 'bar' };
    const headers = { ...message.headers, ...ids };
    await publishAll(bus, [{ ...message, headers, data: bytes(text) }]);
  }
  await world.until(() => notes.heard.length === texts.length);
  return store.outbox('execution/paper', 0, 10);
}

const saidOf = (message: string): unknown[] =>
  world.log.lines.filter((line) => line.message === message).map(({ fields }) => fields);

it('does a message within a span, under the trace it came with, and sends on in that', async () => {
  const [sent] = await play(['go'], tracer);
  expect(sent?.headers.traceparent).toBe(`00-${TRACE}-0000000000000001-01`);
  expect(tracer.spans.slice(0, 2)).toEqual([
    `execution trading.approved under ${FROM_RISK}`,
    'execution trading.approved runs',
  ]);
  await world.until(() => tracer.spans.includes('execution batch end ended'));
  expect(tracer.spans).toContain('execution trading.approved ended');
  expect(tracer.spans).toContain(`execution batch end under ${FROM_RISK}`);
});

it('gives the logic a log whose lines carry the ids of the message in hand, and only meanwhile', async () => {
  await play(['go'], tracer);
  const ids = { key: 'execution/paper', traceId: TRACE, correlationId: 'bar' };
  expect(saidOf('heard')).toEqual([{ ...ids, spanId: '0000000000000001' }]);
  expect(saidOf('aside')).toEqual([
    { key: 'execution/paper', traceId: TRACE, spanId: '0000000000000002' },
  ]);
  expect(saidOf('owns its key')).toEqual([{ key: 'execution/paper', token: 1 }]);
});

it('does a part of the work under a trace of its own, and goes on in the one before', async () => {
  const [, second] = await play(['go', 'anew'], tracer);
  expect(second?.headers.traceparent).toMatch(/^00-f{32}-/);
  const ids = { key: 'execution/paper', traceId: TRACE, correlationId: 'bar' };
  expect(saidOf('answered')).toEqual([
    { ...ids, spanId: '0000000000000001' },
    expect.objectContaining(ids),
  ]);
});

it('passes the trace on as it came where nothing is traced', async () => {
  const [sent] = await play(['go']);
  expect(sent?.headers.traceparent).toBe(FROM_RISK);
  expect(saidOf('heard')).toEqual([
    {
      key: 'execution/paper',
      traceId: TRACE,
      spanId: 'b7ad6b7169203331',
      correlationId: 'bar',
    },
  ]);
});

it('reads no more than the trace context out of headers', () => {
  expect(traceOf({ other: 'x' })).toEqual({});
  expect(traceOf({ traceparent: 'p', tracestate: 's', other: 'x' })).toEqual({
    traceparent: 'p',
    tracestate: 's',
  });
});
