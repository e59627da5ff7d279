import { createServer } from 'node:net';

/** Ports given out lately by this process: the kernel may offer one again before its taker binds it. */
const givenOut = new Set<number>();
const GIVEN_OUT_MAX = 1_000;

/**
 * Finds a TCP port on the loopback interface that nobody holds now and that this process has not given
 * out before. Another process may still take it first: whoever binds it must be ready to draw again.
 * @returns a port number, 1024 to 65535.
 */
export async function freePort(): Promise<number> {
  if (givenOut.size >= GIVEN_OUT_MAX) givenOut.clear();
  for (;;) {
    const port = await drawPort();
    if (givenOut.has(port)) continue;
    givenOut.add(port);
    return port;
  }
}

function drawPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.unref();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Tells whether `port` on the loopback interface can be bound now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
