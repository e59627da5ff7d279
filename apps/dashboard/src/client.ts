import type { Problem } from './api.ts';
import { EventFrames, type StreamEvent } from './event-frames.ts';

const KEY = 'capstan-token';
/** How long an answer may take, in milliseconds; the gateway itself gives up before. */
const ANSWER_MS_MAX = 30_000;

/** A request that the gateway refused, or that did not reach it. */
export class RequestError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.why);
    this.status = status;
    this.problem = problem;
  }
}

/**
 * Takes a token out of the page's address into this tab's memory, so that it is not copied or shown. Behind `#` no server and no proxy on
 * the way sees it.
 * @returns whether there was one.
 */
export function adoptToken(): boolean {
  const url = new URL(location.href);
  const behind = new URLSearchParams(url.hash.slice(1));
  const token = behind.get('token') ?? url.searchParams.get('token');
  if (token === null) return false;
  sessionStorage.setItem(KEY, token);
  url.searchParams.delete('token');
  if (behind.has('token')) url.hash = '';
  history.replaceState(null, '', url);
  return true;
}

/** Takes a token that comes into the address of the open page, for which a browser loads nothing anew. @returns how to end. */
export function onToken(use: () => void): () => void {
  const look = (): void => {
    if (adoptToken()) use();
  };
  window.addEventListener('hashchange', look);
  return () => window.removeEventListener('hashchange', look);
}

export function setToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

/** How the token is shown: in a header, as addresses are written down by proxies. */
function authorization(): Readonly<Record<string, string>> {
  const token = sessionStorage.getItem(KEY);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** Follows the live events until it is closed. @param onEnd called once where they end by themselves. */
export function follow(
  onEvent: (event: StreamEvent) => void,
  onEnd: () => void,
): { readonly close: () => void } {
  const closing = new AbortController();
  void read(onEvent, closing.signal)
    .catch(() => undefined)
    .finally(() => {
      if (!closing.signal.aborted) onEnd();
    });
  return { close: () => closing.abort() };
}

async function read(onEvent: (event: StreamEvent) => void, signal: AbortSignal): Promise<void> {
  const response = await fetch('/api/events', {
    ...{ headers: authorization(), cache: 'no-store', signal },
  });
  if (!response.ok || response.body === null) return;
  const frames = new EventFrames();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || signal.aborted) return;
    for (const event of frames.push(value)) {
      try {
        onEvent(event);
      } catch (error) {
        reportError(error);
      }
    }
  }
}

/** Asks the gateway. @throws RequestError */
export function get<T>(path: string): Promise<T> {
  return ask<T>(path, { method: 'GET', signal: AbortSignal.timeout(ANSWER_MS_MAX) });
}

/** Asks the gateway to change something. @throws RequestError */
export function post<T>(path: string, body: Readonly<Record<string, unknown>> = {}): Promise<T> {
  return ask<T>(path, { method: 'POST', body: JSON.stringify(body) });
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const headers = {
    ...authorization(),
    ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, cache: 'no-store' });
  } catch {
    throw unanswered(path);
  }
  const value: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new RequestError(response.status, { ...wordsOf(value), part: path });
  if (value === undefined) throw unanswered(path);
  return value as T;
}

function unanswered(part: string): RequestError {
  const why = 'the gateway does not answer.';
  return new RequestError(0, { part, code: 'NETWORK', why, fix: 'It is tried again.' });
}

function wordsOf(value: unknown): Omit<Problem, 'part'> {
  const fields = typeof value === 'object' && value !== null ? { ...value } : {};
  const text = (name: string, otherwise: string): string => {
    const field: unknown = Reflect.get(fields, name);
    return typeof field === 'string' && field !== '' ? field : otherwise;
  };
  return {
    code: text('code', 'HTTP'),
    why: text('why', 'the gateway refused.'),
    fix: text('fix', ''),
  };
}
