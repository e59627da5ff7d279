import { timeUs } from '@capstan/domain';
import { describeBus } from '../suites/bus-suite.ts';
import { START_US } from '../suites/samples.ts';
import { MemoryBus } from './memory-bus.ts';
import { MemoryKv } from './memory-kv.ts';
import { MemoryRequests } from './memory-requests.ts';
import { MemoryWorkQueue } from './memory-work-queue.ts';
import { VirtualClock } from './virtual-clock.ts';

describeBus('Memory', async () => {
  const clock = new VirtualClock(timeUs(START_US));
  const flight = clock.fly();
  const bus = new MemoryBus(clock);
  const ackWaitMs = 1_000;
  return {
    bus,
    kv: new MemoryKv(clock),
    requests: new MemoryRequests(clock),
    workQueue: new MemoryWorkQueue(clock, ackWaitMs),
    ackWaitMs,
    recreateStream: async (stream) => bus.recreateStream(stream),
    dropThrough: async (stream, sequence) => bus.dropThrough(stream, sequence),
    close: async () => flight.stop(),
  };
});
