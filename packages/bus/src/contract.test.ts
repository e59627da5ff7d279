import { startTestServers } from '@capstan/embedded';
import { describeBus } from '@capstan/testkit';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { silentLog } from './bus.test-support.ts';
import { connectBus } from './connect-bus.ts';

const ACK_WAIT_MS = 800;

describeBus('NATS', async () => {
  const servers = await startTestServers({ nats: true });
  const bus = await connectBus({
    servers: servers.nats.url,
    name: 'contract',
    work: { ackWaitMs: ACK_WAIT_MS, maxDeliver: 5 },
    log: silentLog,
  });
  const operator = await connect({ servers: servers.nats.url });
  const management = await jetstreamManager(operator);
  return {
    ...bus,
    ackWaitMs: ACK_WAIT_MS,
    recreateStream: async (stream) => {
      const { config } = await management.streams.info(stream);
      await management.streams.delete(stream);
      await management.streams.add(config);
    },
    dropThrough: async (stream, sequence) => {
      await management.streams.purge(stream, { seq: sequence + 1 });
    },
    close: async () => {
      await operator.close();
      await bus.close();
      await servers.stop();
    },
  };
});
