import { AppError } from '@capstan/domain';
import type { Requests, WorkItem, WorkQueue } from '@capstan/ports';
import { copyOf } from '../memory/copy.ts';
import { portErrors } from '../memory/port-errors.ts';
import { BUS_LANE, failOnBus } from './bus-lane.ts';
import type { Life } from './life.ts';

/** Question and answer as one life sees them. */
export function simRequests(life: Life): Requests {
  const { world } = life;
  const { requests, faults } = world;
  return {
    request: (subject, data, options) => {
      const [sentData, sentOptions] = copyOf([data, options] as const);
      return life.call({
        port: 'requests',
        method: subject,
        lane: BUS_LANE,
        effect: async () => {
          failOnBus(world, 'busFailed');
          const reply = await requests.request(subject, sentData, sentOptions);
          if (faults.hits('replyLost')) throw portErrors.timeout(`${subject} was not answered.`);
          return reply;
        },
      });
    },
    serve: (subject, queue, handler) =>
      life.call({
        port: 'requests',
        method: `serve ${subject}`,
        lane: BUS_LANE,
        effect: async () => {
          const server = await requests.serve(
            subject,
            queue,
            (data, headers) =>
              new Promise((resolve) => {
                world.scheduler.after(world.latencyUs(), () =>
                  life.deliver(`requests.handle ${subject}`, () => {
                    handler(data, headers).then(
                      (reply) => life.send(BUS_LANE, () => resolve(copyOf(reply))),
                      (error: unknown) => life.report(error),
                    );
                  }),
                );
              }),
          );
          life.onEnd(() => void server.close());
          return server;
        },
      }),
  };
}

/** The work queue as one life sees it. */
export function simWorkQueue(life: Life): WorkQueue {
  const { world } = life;
  const { workQueue, faults } = world;
  const call = <Result>(method: string, effect: () => Promise<Result>): Promise<Result> =>
    life.call({
      port: 'workQueue',
      method,
      lane: BUS_LANE,
      effect: async () => {
        failOnBus(world, 'busFailed');
        return effect();
      },
    });
  const lossy = (method: string, effect: () => Promise<void>): Promise<void> =>
    call(method, async () => {
      await effect();
      if (faults.hits('workAckLost')) throw portErrors.busUnavailable('the bus broke off.');
    });
  const wrapped = (item: WorkItem): WorkItem => ({
    subject: item.subject,
    data: item.data,
    headers: item.headers,
    delivery: item.delivery,
    working: () => call('working', () => item.working()),
    done: () => lossy('done', () => item.done()),
    giveBack: (delayMs) => call('giveBack', () => item.giveBack(delayMs)),
    discard: (reason) => call('discard', () => item.discard(reason)),
  });
  return {
    add: (message) => {
      const sent = copyOf(message);
      return lossy('add', () => workQueue.add(sent));
    },
    take: async (options) => {
      const items = await call('take', () => workQueue.take(copyOf(options)));
      return items.map(wrapped);
    },
    depth: (subject) => call('depth', () => workQueue.depth(subject)),
  };
}

/** Tells whether an error is an answer, rather than a bug. */
export function isAnswer(error: unknown): boolean {
  return error instanceof AppError;
}
