import type { BusMessage, Span, Tracer } from '@capstan/ports';
import { expect, it } from 'vitest';
import { bytes, HandProducer, JournalWorld, publishAll } from './journal.test-support.ts';
import { NotingLogic, noNotes } from './owner.test-support.ts';
import { KeyedOwner } from './owner.ts';
import type { OwnerSession } from './session.ts';

const IN = 'trading.approved.paper';
const OUT = 'trading.order.paper';

/** Answers each message with one of its own. */
class Echo extends NotingLogic {
  override readonly inputs = [{ stream: 'TRADING', filters: [IN] }];
  override async onMessage(session: OwnerSession, message: BusMessage): Promise<void> {
    await session.commit({
      outbox: [{ subject: OUT, data: message.data, correlationId: 'c', causationId: 'c' }],
    });
    await super.onMessage(session, message);
  }
}

/** Notes the spans and numbers their contexts. */
class NotingTracer implements Tracer {
  readonly spans: string[] = [];
  start(name: string, parent?: Readonly<Record<string, string>>): Span {
    const id = this.spans.length + 1;
    this.spans.push(`${name} under ${parent?.traceparent ?? 'nothing'}`);
    return {
      setAttribute: () => undefined,
      fail: () => this.spans.push(`${name} failed`),
      end: () => this.spans.push(`${name} ended`),
      inject: (headers) => {
        headers.traceparent = `span-${id}`;
      },
    };
  }
}

it('carries the trace of a message on to what its step sends', async () => {
  const world = new JournalWorld();
  const { bus, kv, store, clock, log, meter } = world;
  const tracer = new NotingTracer();
  const notes = noNotes();
  const ports = { bus, kv, store, clock, log, meter, tracer };
  const producer = await HandProducer.start(world, 'risk/paper');
  const owner = new KeyedOwner(ports, 'execution/paper', 'life', () => new Echo(notes));
  const running = owner.run();
  await world.until(() => owner.status.kind === 'owning');
  const [message] = await producer.commit(IN, ['go']);
  if (message === undefined) throw new Error('nothing was committed');
  const headers = { ...message.headers, traceparent: 'from-risk' };
  await publishAll(bus, [{ ...message, headers, data: bytes('go') }]);
  await world.until(() => notes.heard.length === 1);
  const [sent] = await store.outbox('execution/paper', 0, 1);
  expect(sent?.headers.traceparent).toBe('span-1');
  expect(tracer.spans[0]).toBe('execution trading.approved under from-risk');
  const stopping = owner.stop();
  await world.until(() => owner.status.kind === 'stopped');
  await stopping;
  await running;
  expect(tracer.spans).toContain('execution trading.approved ended');
});
