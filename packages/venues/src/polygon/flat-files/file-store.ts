import type { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type AppError, hasCode } from '@capstan/domain';
import { marketFailure } from '../../requests/market-failure.ts';
import { DOWNLOAD_CONNECT_MS, DOWNLOAD_SILENCE_MS, S3_ATTEMPTS_MAX } from '../limits.ts';
import type { FlatFileSettings } from './settings.ts';

/** A file as it comes. */
export interface OpenFile {
  /** What the store calls this version of it. */
  readonly etag: string;
  readonly body: Readable;
}

/** A file as a list names it. */
export interface ListedFile {
  readonly key: string;
  readonly etag: string;
}

/** The bucket of flat files. */
export class FileStore {
  readonly #settings: FlatFileSettings;
  readonly #client: S3Client;

  constructor(settings: FlatFileSettings) {
    this.#settings = settings;
    this.#client = new S3Client({
      endpoint: settings.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: () => Promise.resolve(settings.keys.reveal()),
      maxAttempts: S3_ATTEMPTS_MAX,
      requestHandler: {
        connectionTimeout: DOWNLOAD_CONNECT_MS,
        socketTimeout: DOWNLOAD_SILENCE_MS,
      },
      // The vendor's store knows no checksums but its own.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** Opens a file; `undefined` where there is none. @throws MARKET.CREDENTIALS, MARKET.ENTITLEMENT, MARKET.RATE, MARKET.UNAVAILABLE */
  async open(key: string, signal?: AbortSignal): Promise<OpenFile | undefined> {
    const command = new GetObjectCommand({ Bucket: this.#settings.bucket, Key: key });
    try {
      const { Body, ETag } = await this.#client.send(command, abort(signal));
      return { etag: ETag ?? '', body: Body as Readable };
    } catch (error) {
      signal?.throwIfAborted();
      const status = statusOf(error);
      if (status === 404) return undefined;
      if (status === 403) throw await this.#refused(key, signal);
      throw this.#failure(error, key);
    }
  }

  /** Lists the files whose keys begin so. @throws MARKET.CREDENTIALS, MARKET.RATE, MARKET.UNAVAILABLE */
  async list(prefix: string, signal?: AbortSignal): Promise<readonly ListedFile[]> {
    const found: ListedFile[] = [];
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.#settings.bucket,
        Prefix: prefix,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      const page = await this.#listed(command, prefix, signal);
      for (const { Key, ETag } of page.Contents ?? []) {
        if (Key !== undefined) found.push({ key: Key, etag: ETag ?? '' });
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
    return found;
  }

  /** Asks for as little as possible, to find out whether the keys are good. @throws MARKET.CREDENTIALS, MARKET.UNAVAILABLE */
  async check(signal?: AbortSignal): Promise<void> {
    const { bucket } = this.#settings;
    await this.#listed(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), '', signal);
  }

  close(): void {
    this.#client.destroy();
  }

  async #listed(command: ListObjectsV2Command, prefix: string, signal?: AbortSignal) {
    try {
      return await this.#client.send(command, abort(signal));
    } catch (error) {
      signal?.throwIfAborted();
      throw statusOf(error) === 403 ? this.#wrongKeys() : this.#failure(error, `${prefix}*`);
    }
  }

  /** The store refuses wrong keys and what the plan does not hold alike: who may list has good keys. */
  async #refused(key: string, signal?: AbortSignal): Promise<unknown> {
    try {
      await this.check(signal);
    } catch (error) {
      if (hasCode(error, 'MARKET.CREDENTIALS')) return error;
    }
    return marketFailure('MARKET.ENTITLEMENT', {
      why: `Polygon does not give the flat file ${key} to this plan.`,
      fix: 'Begin at a later date: a plan holds so many years of each set; or change the plan.',
    });
  }

  #wrongKeys(): AppError {
    return marketFailure('MARKET.CREDENTIALS', {
      why: `Polygon's flat files refuse the keys of ${this.#settings.keys.source}.`,
      fix: "Check both on the page of your account: they are others than the API's key.",
    });
  }

  /** Of what the client throws only name and words are kept: it remembers requests, which are signed. */
  #failure(error: unknown, key: string): AppError {
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const status = statusOf(error);
    const isBusy = status === 429 || (error instanceof Error && error.name === 'SlowDown');
    return marketFailure(isBusy ? 'MARKET.RATE' : 'MARKET.UNAVAILABLE', {
      why: `Polygon's flat file ${key} cannot be had: ${said}.`,
      fix: 'Look at the network and at the status page of Polygon, then run it again.',
    });
  }
}

const abort = (signal: AbortSignal | undefined) =>
  signal === undefined ? {} : { abortSignal: signal };

function statusOf(error: unknown): number | undefined {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}
