import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** How a line is: whole; cut, so that every call fails at once; or silent, so that nothing is ever answered. */
export type LineState = 'whole' | 'cut' | 'silent';

/** The connection between services and what they stand on, which a drill can break. */
export class Line {
  readonly port: number;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #sockets = new Set<Socket>();
  readonly #held: { readonly to: Socket; readonly data: Buffer }[] = [];
  #marker: string | undefined;
  #state: LineState = 'whole';

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#join(client));
  }

  /** @param targetPort where it leads to, or will. */
  static async open(targetPort: number): Promise<Line> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Line(server, targetPort);
  }

  /** Words of clients that are held on their way. */
  get held(): number {
    return this.#held.length;
  }

  /**
   * Holds on its way what the first client to say a text says from there on, until `release`: it arrives then, even if the client
   * can say no more. What others say passes.
   */
  hold(marker: string): void {
    this.#marker = marker;
  }

  release(): void {
    this.#marker = undefined;
    for (const { to, data } of this.#held.splice(0)) to.write(data);
  }

  /** What a silent line swallowed is lost for good: its connections end when it changes. */
  become(state: LineState): void {
    if (this.#state === 'silent' || state === 'cut') this.#hangUp();
    this.#state = state;
  }

  async close(): Promise<void> {
    this.#hangUp();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket): void {
    if (this.#state === 'cut') {
      client.destroy();
      return;
    }
    const server = connect(this.#targetPort, '127.0.0.1');
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (data) => {
      if (this.#isToHold(server, data)) this.#held.push({ to: server, data });
      else if (this.#state === 'whole') server.write(data);
    });
    server.on('data', (data) => {
      if (this.#state !== 'silent') client.write(data);
    });
  }

  #isToHold(to: Socket, data: Buffer): boolean {
    if (this.#marker === undefined) return false;
    const [first] = this.#held;
    return first === undefined ? data.includes(this.#marker) : first.to === to;
  }
}
