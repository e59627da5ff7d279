import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A loopback connection to a server that a test can make lose answers, or cut. */
export interface Proxy {
  readonly port: number;
  /** While true, what the server says does not arrive. */
  mute: boolean;
  /** Bytes that the server said while muted. */
  readonly mutedBytes: () => number;
  /** Times that a client sent something after the server had spoken: the round trips begun. */
  readonly roundTrips: () => number;
  cut(): void;
  close(): Promise<void>;
}

/** Starts a proxy to a port of this machine. */
export async function startProxy(targetPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let mutedBytes = 0;
  let roundTrips = 0;
  let spoken = true;
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      if (spoken) roundTrips += 1;
      spoken = false;
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      spoken = true;
      if (proxy.mute) mutedBytes += data.length;
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: Proxy = {
    port: (server.address() as AddressInfo).port,
    mute: false,
    mutedBytes: () => mutedBytes,
    roundTrips: () => roundTrips,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      proxy.cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}
