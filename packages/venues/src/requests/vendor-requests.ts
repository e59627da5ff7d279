import { US_PER_MS } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import {
  ATTEMPTS_MAX,
  BACKOFF_MS,
  BACKOFF_MS_MAX,
  JITTER_FRACTION,
  RETRY_AFTER_MS_MAX,
  TIMEOUT_MS,
} from './limits.ts';
import type { RequestBudget, RequestKind } from './request-budget.ts';
import { retryAfterMs } from './retry-after.ts';

/** Sends one request, as the platform does. */
export type SendRequest = (url: string, init: RequestInit) => Promise<Response>;

export interface VendorRequestsPorts {
  readonly clock: Clock;
  readonly budget: RequestBudget;
  /** The platform's `fetch` unless told. */
  readonly send?: SendRequest;
  /** In [0, 1). */
  readonly random?: () => number;
}

export interface VendorRequestsSettings {
  readonly kind: RequestKind;
  readonly timeoutMs?: number;
  readonly attemptsMax?: number;
}

/** Nothing came in time: the vendor may or may not have had the request. */
export class RequestTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`no whole answer within ${timeoutMs} ms`);
    this.name = 'RequestTimeout';
  }
}

/** An answer began and did not come to its end. */
export class AnswerCutOff extends Error {
  constructor(cause: unknown) {
    super('the answer was cut off', { cause });
    this.name = 'AnswerCutOff';
  }
}

const REPEATABLE_METHODS = new Set(['GET', 'HEAD']);
const PASSING_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);
const TOO_OFTEN = 429;

/**
 * A `fetch` for a vendor's client: within the budget, each answer read to its end before it is handed out, with a time for the whole.
 * GET is sent again where the failure may pass; anything else is sent once, as it may have done something. A vendor that says when to
 * come back is taken at its word, by all that share the budget.
 */
export class VendorRequests {
  readonly #ports: Required<VendorRequestsPorts>;
  readonly #settings: Required<VendorRequestsSettings>;

  constructor(ports: VendorRequestsPorts, settings: VendorRequestsSettings) {
    this.#ports = { send: fetch, random: Math.random, ...ports };
    this.#settings = { timeoutMs: TIMEOUT_MS, attemptsMax: ATTEMPTS_MAX, ...settings };
  }

  /**
   * Sends a request and returns the last answer, whatever its status.
   * @throws RequestTimeout, AnswerCutOff, what the platform's `fetch` throws, or the signal's reason.
   */
  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { kind, attemptsMax } = this.#settings;
    const { clock, budget } = this.#ports;
    const signal = init.signal ?? undefined;
    const attempts = REPEATABLE_METHODS.has((init.method ?? 'GET').toUpperCase()) ? attemptsMax : 1;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await budget
        .run(kind, () => this.#attempt(url, init, signal), signal)
        .then(
          (answer) => ({ answer }),
          (error: unknown) => ({ error }),
        );
      signal?.throwIfAborted();
      const isLast = attempt >= attempts;
      if ('error' in outcome) {
        if (isLast) throw outcome.error;
        await clock.sleep(this.#backoffMs(attempt), signal);
        continue;
      }
      const { answer } = outcome;
      if (!PASSING_STATUS.has(answer.status)) return answer;
      const askedMs = retryAfterMs(answer.headers, clock.nowUs() / US_PER_MS);
      const waitMs = askedMs ?? this.#backoffMs(attempt);
      const isTooLong = waitMs > RETRY_AFTER_MS_MAX;
      if (answer.status === TOO_OFTEN && !isTooLong) budget.pause(kind, waitMs);
      if (isLast || isTooLong) return answer;
      await clock.sleep(waitMs, signal);
    }
  };

  /** Sends once and reads the answer to its end, so that one that is cut off fails here. */
  async #attempt(url: string, init: RequestInit, outer?: AbortSignal): Promise<Response> {
    const { clock, send } = this.#ports;
    const { timeoutMs } = this.#settings;
    const late = new AbortController();
    const over = new AbortController();
    void clock.sleep(timeoutMs, over.signal).then(() => {
      if (!over.signal.aborted) late.abort(new RequestTimeout(timeoutMs));
    });
    const signal = outer === undefined ? late.signal : AbortSignal.any([outer, late.signal]);
    try {
      const answer = await send(url, { ...init, signal });
      const body = await wholeBody(answer);
      const { status, statusText } = answer;
      const headers = new Headers(answer.headers);
      for (const name of ['content-encoding', 'content-length']) headers.delete(name);
      return new Response(isBodyless(status) ? null : body, { status, statusText, headers });
    } catch (error) {
      throw late.signal.aborted ? late.signal.reason : error;
    } finally {
      over.abort();
    }
  }

  #backoffMs(attempt: number): number {
    const planned = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (attempt - 1));
    return planned * (1 + JITTER_FRACTION * (2 * this.#ports.random() - 1));
  }
}

async function wholeBody(answer: Response): Promise<ArrayBuffer> {
  try {
    return await answer.arrayBuffer();
  } catch (error) {
    throw new AnswerCutOff(error);
  }
}

const isBodyless = (status: number): boolean => status === 204 || status === 205 || status === 304;
