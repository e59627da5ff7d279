import { US_PER_MINUTE } from '@capstan/domain';
import type { WebSocket } from 'ws';
import type { TradingDay } from '../../market/session-days.ts';
import { IEX_FRACTION } from '../data/feeds.ts';
import type { EmulatorContext } from '../emulator-context.ts';
import { DataStream, type DataStreamParts } from './data-stream.ts';
import { FakepacaChannels } from './fakepaca-channels.ts';
import { OptionChannels } from './option-channels.ts';
import { ShareChannels } from './stream-channels.ts';
import { JSON_CODEC, MSGPACK_CODEC } from './stream-codec.ts';
import { TradingStream } from './trading-stream.ts';

const TRADING_PATH = '/stream';
const FREE_SYMBOLS = 30;
const TEST_PATH = '/v2/test';

export interface StreamOptions {
  readonly isLive: boolean;
  readonly connections: number;
}

/** All streams of an emulated Alpaca, by path. */
export class AlpacaStreams {
  readonly #trading: TradingStream;
  readonly #data = new Map<string, DataStream>();
  readonly #test: DataStream;
  readonly #firstDay: TradingDay;
  #pulsedMinute = 0;

  constructor(context: EmulatorContext, { isLive, connections }: StreamOptions) {
    const { keys, faults, world, prices, plan, exchange } = context;
    this.#trading = new TradingStream(keys, faults, !isLive);
    exchange.onUpdate((accountId, update) => this.#trading.tell(accountId, update));
    const symbols = plan === 'free' ? FREE_SYMBOLS : Number.POSITIVE_INFINITY;
    const limits = { connections, symbols };
    const parts = { keys, faults, limits };
    for (const feed of ['iex', 'sip', 'delayed_sip'] as const) {
      const fraction = feed === 'iex' ? IEX_FRACTION : 1;
      const source = new ShareChannels(world, prices, fraction, faults);
      this.#add(exchange, `/v2/${feed}`, {
        ...{ ...parts, source },
        isEntitled: plan === 'paid' || feed !== 'sip',
      });
    }
    for (const feed of ['opra', 'indicative'] as const) {
      const isEntitled = plan === 'paid' || feed !== 'opra';
      const source = new OptionChannels(prices);
      this.#add(exchange, `/v1beta1/${feed}`, { ...parts, source, isEntitled });
    }
    this.#test = new DataStream({ ...parts, source: new FakepacaChannels(), isEntitled: true });
    this.#data.set(TEST_PATH, this.#test);
    this.#firstDay = world.days.at(0);
  }

  /** Lets the test stream say something; once a second of the wall's clock. */
  pulse(atUs: number): void {
    const day = this.#firstDay;
    if (this.#test.isIdle) return;
    this.#test.onSlot({ day, minute: 0, number: 0, startUs: atUs, endUs: atUs });
    const minute = Math.floor((atUs - day.midnightUs) / US_PER_MINUTE);
    if (minute !== this.#pulsedMinute) this.#test.onMinute(day, minute - 1);
    this.#pulsedMinute = minute;
  }

  #add(exchange: EmulatorContext['exchange'], path: string, parts: DataStreamParts): void {
    const stream = new DataStream(parts);
    this.#data.set(path, stream);
    exchange.addAudience(stream);
  }

  has(path: string): boolean {
    return path === TRADING_PATH || this.#data.has(path);
  }

  /** Takes a connection to a path that there is. */
  connect(path: string, socket: WebSocket, contentType: string): void {
    if (path === TRADING_PATH) this.#trading.connect(socket);
    else this.#data.get(path)?.connect(socket, codecOf(contentType));
  }

  /** Tells that a symbol is halted, or trades again. */
  tellStatus(symbol: string, isHalted: boolean, atUs: number): void {
    for (const stream of this.#data.values()) stream.tellStatus(symbol, isHalted, atUs);
  }

  /** Ends connections, as a network does. */
  drop(which: 'trading' | 'data' | 'all'): void {
    if (which !== 'data') this.#trading.drop();
    if (which !== 'trading') for (const stream of this.#data.values()) stream.drop();
  }

  /** Connections that there are. */
  get connections(): { readonly trading: number; readonly data: number } {
    const data = [...this.#data.values()].reduce((sum, stream) => sum + stream.connections, 0);
    return { trading: this.#trading.connections, data };
  }
}

const codecOf = (contentType: string) =>
  contentType.includes('msgpack') ? MSGPACK_CODEC : JSON_CODEC;
