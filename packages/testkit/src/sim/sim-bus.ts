import type { Bus, OutgoingMessage } from '@capstan/ports';
import { copyOf } from '../memory/copy.ts';
import { portErrors } from '../memory/port-errors.ts';
import { BUS_LANE, failOnBus } from './bus-lane.ts';
import type { Life } from './life.ts';
import type { SimWorld } from './sim-world.ts';

/** How late a delayed notice or a doubled message may be, in microseconds. */
const LATE_US_MAX = 3_000_000;

interface Source<Item> {
  next(): Promise<readonly Item[]>;
  close(): Promise<void>;
}

/** Reads what is pushed to a life, while the bus is there. */
export function simSource<Item>(
  life: Life,
  of: { port: string; name: string },
  inner: Source<Item>,
): Source<Item> {
  life.onEnd(() => void inner.close());
  const { port, name } = of;
  return {
    next: () =>
      life.wait(
        { port, method: `${name}.next`, effect: () => inner.next() },
        () => life.world.faults.busBackUs,
      ),
    close: () =>
      life.call({
        port,
        method: `${name}.close`,
        lane: BUS_LANE,
        effect: () => inner.close(),
      }),
  };
}

/** The bus as one life sees it. */
export function simBus(life: Life): Bus {
  const { world } = life;
  const { bus, random } = world;
  const ask = <Result>(method: string, effect: () => Promise<Result>): Promise<Result> =>
    life.call({
      port: 'bus',
      method,
      lane: BUS_LANE,
      effect: async () => {
        failOnBus(world, 'busFailed');
        return effect();
      },
    });
  return {
    publish: (messages) => {
      const sent = copyOf(messages);
      const effect = () => publish(world, sent);
      return life.call({ port: 'bus', method: 'publish', lane: BUS_LANE, effect });
    },
    publishAfter: (message, lastSequence) => {
      const sent = copyOf(message);
      return ask('publishAfter', async () => {
        const sequence = await bus.publishAfter(sent, lastSequence);
        if (world.faults.hits('publishAckLost'))
          throw portErrors.busUnavailable('the acknowledgement was lost.');
        return sequence;
      });
    },
    newest: (stream, subject) => ask('newest', () => bus.newest(stream, subject)),
    streamState: (stream) => ask('streamState', () => bus.streamState(stream)),
    subscribe: (options) => {
      const { maxBatch = 256, ...rest } = copyOf(options);
      const of = { port: 'bus', name: options.stream };
      return ask('subscribe', async () => {
        const smaller = random.chance(0.5) ? random.integer(1, Math.min(8, maxBatch)) : maxBatch;
        return simSource(life, of, await bus.subscribe({ ...rest, maxBatch: smaller }));
      });
    },
    notify: (subject, data) => {
      const sent = copyOf(data);
      const effect = async () => notify(world, subject, sent);
      return life.call({ port: 'bus', method: 'notify', lane: BUS_LANE, effect });
    },
    listen: (subject) =>
      life.call({
        port: 'bus',
        method: 'listen',
        lane: BUS_LANE,
        effect: async () =>
          simSource(life, { port: 'bus', name: subject }, await bus.listen(subject)),
      }),
  };
}

async function publish(
  world: SimWorld,
  messages: readonly OutgoingMessage[],
): Promise<readonly number[]> {
  const { bus, faults, random } = world;
  failOnBus(world, 'publishFailed');
  const unknown = (kept: readonly OutgoingMessage[]) =>
    bus.publish(kept).then((): never => {
      throw portErrors.busUnavailable('not every message was acknowledged.');
    });
  if (messages.length > 1 && faults.hits('publishCut')) {
    return unknown(messages.slice(0, random.integer(1, messages.length - 1)));
  }
  if (messages.length > 1 && faults.hits('publishTorn')) {
    return unknown(messages.filter(() => random.chance(0.5)));
  }
  const sequences = await bus.publish(messages);
  if (messages.length > 0 && faults.hits('messageDoubled')) doubleLater(world, messages);
  if (faults.hits('publishAckLost')) return unknown([]);
  return sequences;
}

/** A producer that died after sending publishes again: the transport has forgotten the id by then. */
function doubleLater(world: SimWorld, messages: readonly OutgoingMessage[]): void {
  const { bus, random, scheduler } = world;
  const message = random.pick(messages);
  const messageId = `${message.messageId} again ${random.hex()}`;
  scheduler.after(random.integer(0, LATE_US_MAX), () => {
    void bus.publish([{ ...message, messageId }]);
  });
}

/** Nobody waits for a notice, and nobody learns that it was lost. */
async function notify(world: SimWorld, subject: string, data: Uint8Array): Promise<void> {
  const { bus, faults, random, scheduler } = world;
  if (faults.busIsDown || faults.hits('noticeDropped')) return;
  const times = faults.hits('noticeDoubled') ? 2 : 1;
  const lateUs = faults.hits('noticeDelayed') ? random.integer(0, LATE_US_MAX) : 0;
  scheduler.after(lateUs, () => {
    for (let time = 0; time < times; time += 1) void bus.notify(subject, data);
  });
}
