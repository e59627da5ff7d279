import net, { type AddressInfo, createServer, type NetConnectOpts, Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { MarketDataServiceDefinition } from '../gen/capstan/market/v1/market_service.ts';
import { connectGrpc } from './over-grpc.ts';

afterEach(() => void vi.restoreAllMocks());

/** Loses the first words of every connection until they are let through. @returns those that wait. */
function loseFirstWords(): readonly (() => void)[] {
  const lost: (() => void)[] = [];
  const connect = (address: NetConnectOpts, listener: () => void): Socket => {
    const socket = new Socket().once('connect', listener);
    lost.push(() => {
      if (!socket.destroyed) socket.connect(address);
    });
    return socket;
  };
  vi.spyOn(net, 'connect').mockImplementation(connect as typeof net.connect);
  return lost;
}

test('connections that come about after their try was given up are cut', {
  timeout: 40_000,
}, async () => {
  const taken: Socket[] = [];
  const server = createServer((socket) => {
    taken.push(socket.on('error', () => undefined).resume());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const lost = loseFirstWords();
  const one = connectGrpc(`127.0.0.1:${port}`, MarketDataServiceDefinition, undefined, 50);
  try {
    while (lost.length < 3)
      await one.client.listFeeds({}, { timeoutMs: 5_000 }).catch(() => undefined);
    const last = lost.length - 1;
    for (const letThrough of lost.slice(0, last)) letThrough();
    const all = Array.from({ length: last }, () => true);
    const areCut = () => expect(taken.map(({ destroyed }) => destroyed)).toEqual(all);
    await vi.waitFor(areCut, { timeout: 20_000 });
  } finally {
    one.close();
    for (const socket of taken) socket.destroy();
    server.close();
  }
});
