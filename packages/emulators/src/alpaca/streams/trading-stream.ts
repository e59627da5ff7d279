import type { WebSocket } from 'ws';
import type { FaultBook } from '../../control/faults.ts';
import type { KeyRing } from '../keys.ts';
import type { TradeUpdate } from '../trading/trading-account.ts';
import { priceText, quantityText, utcText } from '../wire-text.ts';

interface Client {
  readonly socket: WebSocket;
  accountId: string | undefined;
  streams: readonly string[];
}

interface Asked {
  readonly action?: string;
  readonly key?: string;
  readonly secret?: string;
  readonly data?: {
    readonly key_id?: string;
    readonly secret_key?: string;
    readonly streams?: readonly string[];
  };
}

/** The stream of order updates: binary frames with JSON on paper accounts, text on live ones. */
export class TradingStream {
  readonly #keys: KeyRing;
  readonly #faults: FaultBook;
  readonly #isBinary: boolean;
  readonly #clients = new Set<Client>();

  constructor(keys: KeyRing, faults: FaultBook, isBinary: boolean) {
    this.#keys = keys;
    this.#faults = faults;
    this.#isBinary = isBinary;
  }

  /** Takes a connection. */
  connect(socket: WebSocket): void {
    const client: Client = { socket, accountId: undefined, streams: [] };
    this.#clients.add(client);
    socket.on('close', () => this.#clients.delete(client));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      if (this.#hangs()) return;
      this.#onMessage(client, String(data));
    });
  }

  /** Tells an account's update to those who listen. */
  tell(accountId: string, update: TradeUpdate): void {
    const { event, execution } = update;
    if (this.#hangs()) return;
    const isFill = event === 'fill' || event === 'partial_fill';
    if (isFill && this.#faults.use('loseFill') !== undefined) return;
    const data = {
      event,
      timestamp: utcText(update.atUs),
      order: update.order,
      ...(execution === undefined
        ? {}
        : {
            execution_id: execution.executionId,
            price: priceText(execution.priceNanos),
            qty: quantityText(execution.quantity),
            position_qty: quantityText(execution.positionQuantity),
          }),
    };
    const times = this.#faults.use('duplicateFrames') === undefined ? 1 : 2;
    for (const client of this.#clients) {
      if (client.accountId !== accountId || !client.streams.includes('trade_updates')) continue;
      for (let time = 0; time < times; time += 1) {
        this.#send(client, { stream: 'trade_updates', data });
      }
    }
  }

  /** Ends all connections, as a network does. */
  drop(): void {
    for (const { socket } of this.#clients) socket.terminate();
  }

  get connections(): number {
    return this.#clients.size;
  }

  #hangs(): boolean {
    const fault = this.#faults.find('hangStream');
    return fault !== undefined && fault.stream !== 'data';
  }

  #onMessage(client: Client, text: string): void {
    const asked = parse(text);
    if (asked === undefined) this.#fail(client, 'invalid message');
    else if (asked.action === 'authenticate' || asked.action === 'auth') {
      this.#authenticate(client, asked);
    } else if (client.accountId === undefined) {
      this.#fail(client, 'not authenticated');
    } else if (asked.action === 'listen') {
      const streams = asked.data?.streams ?? [];
      client.streams = streams.filter((stream) => stream === 'trade_updates');
      this.#send(client, { stream: 'listening', data: { streams: client.streams } });
    } else this.#fail(client, `unknown action ${asked.action}`);
  }

  #authenticate(client: Client, asked: Asked): void {
    const { key_id: keyId = asked.key, secret_key: secretKey = asked.secret } = asked.data ?? {};
    const account = this.#keys.find(keyId, secretKey);
    client.accountId = account?.settings.accountId;
    const status = account === undefined ? 'unauthorized' : 'authorized';
    this.#send(client, { stream: 'authorization', data: { status, action: 'authenticate' } });
  }

  #fail(client: Client, message: string): void {
    this.#send(client, { action: 'error', data: { error_message: message } });
  }

  #send({ socket }: Client, message: unknown): void {
    const text = JSON.stringify(message);
    if (socket.readyState === socket.OPEN) {
      socket.send(this.#isBinary ? Buffer.from(text) : text, { binary: this.#isBinary });
    }
  }
}

function parse(text: string): Asked | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
