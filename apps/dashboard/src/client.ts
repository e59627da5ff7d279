import type { Problem } from './api.ts';

const KEY = 'capstan-token';

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

/** Takes a token out of the page's address into this tab's memory, so that it is not copied or shown. */
export function adoptToken(): void {
  const url = new URL(location.href);
  const token = url.searchParams.get('token');
  if (token === null) return;
  sessionStorage.setItem(KEY, token);
  url.searchParams.delete('token');
  history.replaceState(null, '', url);
}

export function setToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

/** The address of the live events; a browser can send no header there. */
export function eventsAddress(): string {
  const token = sessionStorage.getItem(KEY);
  return token === null ? '/api/events' : `/api/events?token=${encodeURIComponent(token)}`;
}

/** Asks the gateway. @throws RequestError */
export function get<T>(path: string): Promise<T> {
  return ask<T>(path, { method: 'GET' });
}

/** Asks the gateway to change something. @throws RequestError */
export function post<T>(path: string, body: Readonly<Record<string, unknown>> = {}): Promise<T> {
  return ask<T>(path, { method: 'POST', body: JSON.stringify(body) });
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const token = sessionStorage.getItem(KEY);
  const headers = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, cache: 'no-store' });
  } catch {
    const why = 'the gateway does not answer.';
    throw new RequestError(0, { part: path, code: 'NETWORK', why, fix: 'It is tried again.' });
  }
  const value = (await response.json().catch(() => ({}))) as unknown;
  if (response.ok) return value as T;
  throw new RequestError(response.status, { ...wordsOf(value), part: path });
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
