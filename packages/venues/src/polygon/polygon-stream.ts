import type { MarketEvent } from '@capstan/domain';
import type { MarketStream, StreamKind, StreamWish } from '@capstan/ports';
import { STREAM_KINDS } from '@capstan/ports';
import { EventQueue } from '../market/event-queue.ts';
import { ClusterFeed, type FeedPorts } from './cluster-feed.ts';
import type { PolygonEndpoints, PolygonKey } from './settings.ts';
import { clusterOf, POLYGON_CLUSTERS, type PolygonCluster, tickerOf } from './symbols.ts';

export interface PolygonStreamSettings {
  readonly endpoints: PolygonEndpoints;
  readonly key: PolygonKey;
  readonly silenceMs?: number;
}

const CHANNELS: Readonly<Record<StreamKind, string>> = {
  bars: 'AM',
  seconds: 'A',
  trades: 'T',
  quotes: 'Q',
};

/**
 * Streams of stocks, options and indices as one: a cluster is connected while something of it is wanted, and the whole counts as connected
 * while all of these are.
 */
export class PolygonStream implements MarketStream {
  readonly #ports: FeedPorts;
  readonly #settings: PolygonStreamSettings;
  readonly #queue = new EventQueue();
  readonly #feeds = new Map<PolygonCluster, ClusterFeed>();
  readonly #down = new Set<PolygonCluster>();
  #isConnected = false;

  constructor(ports: FeedPorts, settings: PolygonStreamSettings) {
    this.#ports = ports;
    this.#settings = settings;
  }

  next(): Promise<readonly MarketEvent[]> {
    return this.#queue.next();
  }

  async want(wish: StreamWish): Promise<void> {
    const channels = channelsOf(wish);
    const changes = POLYGON_CLUSTERS.map(async (cluster) => {
      const wanted = channels.get(cluster);
      if (wanted === undefined) return this.#drop(cluster);
      const feed = this.#feeds.get(cluster) ?? this.#open(cluster);
      await feed.want(wanted);
    });
    const failed = (await Promise.allSettled(changes)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  async close(): Promise<void> {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
    this.#queue.close();
  }

  #open(cluster: PolygonCluster): ClusterFeed {
    const { endpoints, key, silenceMs } = this.#settings;
    const urls = {
      stocks: endpoints.stocksStreamUrl,
      options: endpoints.optionsStreamUrl,
      indices: endpoints.indicesStreamUrl,
    };
    this.#down.add(cluster);
    const feed = new ClusterFeed(
      this.#ports,
      { cluster, url: urls[cluster], key, ...(silenceMs === undefined ? {} : { silenceMs }) },
      {
        event: (event) => this.#queue.push(event),
        state: (isConnected, reason) => this.#state(cluster, isConnected, reason),
        failed: (error) => this.#queue.fail(error),
      },
    );
    this.#feeds.set(cluster, feed);
    return feed;
  }

  #drop(cluster: PolygonCluster): void {
    this.#feeds.get(cluster)?.close();
    this.#feeds.delete(cluster);
    this.#down.delete(cluster);
  }

  #state(cluster: PolygonCluster, isConnected: boolean, reason: string): void {
    if (isConnected) this.#down.delete(cluster);
    else this.#down.add(cluster);
    const isWhole = this.#down.size === 0;
    if (isWhole === this.#isConnected) return;
    this.#isConnected = isWhole;
    this.#queue.push(isWhole ? { kind: 'connected' } : { kind: 'disconnected', reason });
  }
}

/** The channels of a wish, by the cluster that has them. */
export function channelsOf(wish: StreamWish): ReadonlyMap<PolygonCluster, ReadonlySet<string>> {
  const channels = new Map<PolygonCluster, Set<string>>();
  for (const kind of STREAM_KINDS) {
    for (const symbol of wish[kind] ?? []) {
      const cluster = clusterOf(symbol);
      const wanted = channels.get(cluster) ?? new Set();
      channels.set(cluster, wanted.add(`${CHANNELS[kind]}.${tickerOf(symbol)}`));
    }
  }
  return channels;
}
