import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { US_PER_MINUTE } from '@capstan/domain';
import { WebSocket, WebSocketServer } from 'ws';
import {
  CHANNEL_KINDS,
  type ChannelKind,
  minuteMessages,
  type StreamMessage,
} from './stream-frames.ts';
import type { PolygonWorld } from './world.ts';

export const CLUSTERS = ['stocks', 'options', 'indices'] as const;
export type Cluster = (typeof CLUSTERS)[number];

/** What can be made to go wrong with the next minute of a stream. */
export interface StreamFault {
  /** `late`: bars come after the next minute's; `duplicate`: each bar twice; `disorder`: a minute's trades backwards. */
  readonly kind: 'late' | 'duplicate' | 'disorder';
  readonly minutes?: number;
}

export interface ClusterSettings {
  readonly keys: ReadonlySet<string>;
  /** How long a connection may say nothing before it is closed as `auth_timeout`. */
  readonly authTimeoutMs: number;
  /** Connections of a key at once. */
  readonly connectionsMax: number;
  /** Channels that the plan does not hold, by prefix such as `Q.`. */
  readonly refused: () => readonly string[];
}

interface Connection {
  readonly socket: WebSocket;
  key: string | undefined;
  readonly channels: Set<string>;
  /** Bars that a fault holds back. */
  held: StreamMessage[];
}

const KINDS: Readonly<Record<Cluster, readonly ChannelKind[]>> = {
  stocks: ['AM', 'A', 'T', 'Q'],
  options: ['AM', 'A', 'T', 'Q'],
  indices: ['AM', 'A', 'V'],
};

/** One cluster of streams: connected, auth, subscribe, data, in this order and no other. */
export class StreamCluster {
  readonly #cluster: Cluster;
  readonly #world: PolygonWorld;
  readonly #settings: ClusterSettings;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #connections = new Set<Connection>();
  readonly #faults: { readonly kind: StreamFault['kind']; left: number }[] = [];
  /** Nothing more is said while it is set, though the connection stands. */
  isSilent = false;
  /** New connections are refused while it is set. */
  isDown = false;
  #logins = 0;

  constructor(cluster: Cluster, world: PolygonWorld, settings: ClusterSettings) {
    this.#cluster = cluster;
    this.#world = world;
    this.#settings = settings;
  }

  /** Successful logins since the start. */
  get logins(): number {
    return this.#logins;
  }

  /** Channels that connections listen to, sorted. */
  channels(): readonly string[] {
    return [...new Set([...this.#connections].flatMap(({ channels }) => [...channels]))].sort();
  }

  inject({ kind, minutes = 1 }: StreamFault): void {
    this.#faults.push({ kind, left: minutes });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.isDown) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (one) => this.#accept(one));
  }

  /** Ends all connections without a word, as a network does. */
  drop(): void {
    for (const { socket } of this.#connections) socket.terminate();
  }

  /** Says what happened in the minute that starts at a time. */
  minute(startUs: number): void {
    if (this.isSilent) return;
    const kinds = this.#takeFaults();
    for (const one of this.#connections) {
      if (one.socket.readyState === WebSocket.OPEN) this.#sayMinute(one, startUs, kinds);
    }
  }

  close(): void {
    this.drop();
    this.#server.close();
  }

  #accept(socket: WebSocket): void {
    const connection: Connection = { socket, key: undefined, channels: new Set(), held: [] };
    this.#connections.add(connection);
    const timeout = setTimeout(() => {
      if (connection.key !== undefined) return;
      say(socket, [status('auth_timeout', 'Authentication timed out.')]);
      socket.close();
    }, this.#settings.authTimeoutMs);
    socket.on('close', () => {
      clearTimeout(timeout);
      this.#connections.delete(connection);
    });
    // What a client sends beyond the protocol ends its connection.
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => this.#hear(connection, String(data)));
    say(socket, [status('connected', 'Connected Successfully')]);
  }

  #hear(connection: Connection, text: string): void {
    const asked = parse(text);
    if (asked === undefined) {
      say(connection.socket, [status('error', 'The message is no JSON of an action.')]);
      return;
    }
    if (asked.action === 'auth') this.#login(connection, asked.params);
    else if (connection.key === undefined) {
      say(connection.socket, [status('auth_required', 'Authenticate first.')]);
    } else if (asked.action === 'subscribe') this.#subscribe(connection, asked.params);
    else if (asked.action === 'unsubscribe') this.#unsubscribe(connection, asked.params);
    else say(connection.socket, [status('error', `Unknown action '${asked.action}'.`)]);
  }

  #login(connection: Connection, key: string): void {
    if (!this.#settings.keys.has(key)) {
      say(connection.socket, [status('auth_failed', 'authentication failed')]);
      connection.socket.close();
      return;
    }
    const others = [...this.#connections].filter((one) => one.key === key && one !== connection);
    connection.key = key;
    this.#logins += 1;
    // The oldest goes: a set keeps its members in the order in which they came.
    for (const oldest of others.slice(0, others.length + 1 - this.#settings.connectionsMax)) {
      say(oldest.socket, [
        status('max_connections', 'Maximum number of websocket connections exceeded.'),
      ]);
      oldest.key = undefined;
      oldest.socket.close();
    }
    say(connection.socket, [status('auth_success', 'authenticated')]);
  }

  #subscribe(connection: Connection, params: string): void {
    const refused = this.#settings.refused();
    for (const channel of params.split(',').map((one) => one.trim())) {
      const [kind = '', symbol = ''] = splitChannel(channel);
      const isKnown = KINDS[this.#cluster].includes(kind as ChannelKind) && symbol !== '';
      // Quotes of all options at once are more than a connection takes.
      const isTooMuch = this.#cluster === 'options' && kind === 'Q' && symbol === '*';
      if (!isKnown || isTooMuch) {
        say(connection.socket, [status('error', `Could not subscribe to: ${channel}`)]);
      } else if (refused.some((prefix) => channel.startsWith(prefix))) {
        say(connection.socket, [status('error', `not authorized to subscribe to: ${channel}`)]);
      } else {
        connection.channels.add(channel);
        // An acknowledgement a channel, each in a frame of its own.
        say(connection.socket, [status('success', `subscribed to: ${channel}`)]);
      }
    }
  }

  #unsubscribe(connection: Connection, params: string): void {
    for (const channel of params.split(',').map((one) => one.trim())) {
      connection.channels.delete(channel);
      say(connection.socket, [status('success', `unsubscribed to: ${channel}`)]);
    }
  }

  #takeFaults(): ReadonlySet<StreamFault['kind']> {
    const now = new Set<StreamFault['kind']>();
    for (const fault of this.#faults) {
      if (fault.left === 0) continue;
      fault.left -= 1;
      now.add(fault.kind);
    }
    return now;
  }

  #sayMinute(
    connection: Connection,
    startUs: number,
    faults: ReadonlySet<StreamFault['kind']>,
  ): void {
    const ticks: StreamMessage[] = [];
    const bars: StreamMessage[] = [];
    for (const [symbol, kinds] of wantedOf(connection, this.#symbols())) {
      const said = minuteMessages(this.#world, symbol, kinds, startUs);
      ticks.push(...said.ticks);
      if (said.bar !== undefined) bars.push(said.bar);
    }
    const held = connection.held;
    connection.held = faults.has('late') ? bars : [];
    const now = [
      ...(faults.has('disorder') ? ticks.reverse() : ticks),
      ...(faults.has('late') ? [] : bars),
      ...(faults.has('duplicate') ? bars : []),
      ...held,
    ];
    if (now.length > 0) say(connection.socket, now);
  }

  /** Symbols that a channel with a star means. */
  #symbols(): readonly string[] {
    return this.#world.options.symbols
      .map(({ symbol }) => symbol)
      .filter((symbol) => symbol.startsWith('I:') === (this.#cluster === 'indices'));
  }
}

/** The kinds that a connection wants, by symbol. */
function wantedOf(
  connection: Connection,
  all: readonly string[],
): ReadonlyMap<string, ReadonlySet<ChannelKind>> {
  const wanted = new Map<string, Set<ChannelKind>>();
  for (const channel of connection.channels) {
    const [kind, symbol = ''] = splitChannel(channel);
    const known = CHANNEL_KINDS.find((one) => one === kind);
    if (known === undefined) continue;
    for (const one of symbol === '*' ? all : [symbol]) {
      const kinds = wanted.get(one) ?? new Set();
      wanted.set(one, kinds.add(known));
    }
  }
  return wanted;
}

/** `AM.BRK.B` is the kind `AM` of the symbol `BRK.B`. */
function splitChannel(channel: string): readonly [string, string] {
  const dot = channel.indexOf('.');
  return dot < 0 ? [channel, ''] : [channel.slice(0, dot), channel.slice(dot + 1)];
}

function parse(text: string): { readonly action: string; readonly params: string } | undefined {
  try {
    const { action, params } = JSON.parse(text) as { action?: unknown; params?: unknown };
    return typeof action === 'string' && typeof params === 'string'
      ? { action, params }
      : undefined;
  } catch {
    return undefined;
  }
}

const status = (name: string, message: string): StreamMessage => ({
  ev: 'status',
  status: name,
  message,
});

const say = (socket: WebSocket, messages: readonly StreamMessage[]): void =>
  socket.send(JSON.stringify(messages));

/** The minutes that end in `(fromUs, toUs]`, by their starts. */
export function minutesEnding(fromUs: number, toUs: number): readonly number[] {
  const first = Math.floor(fromUs / US_PER_MINUTE);
  const last = Math.floor(toUs / US_PER_MINUTE);
  return Array.from({ length: last - first }, (_, index) => (first + index) * US_PER_MINUTE);
}
