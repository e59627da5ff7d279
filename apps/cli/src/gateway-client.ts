import { AppError } from '@capstan/domain';
import type { CliErrorCode } from './error-codes.ts';
import { REQUEST_TIMEOUT_MS } from './limits.ts';

/** A JSON object as the gateway answers. */
export type Answer = Readonly<Record<string, unknown>>;

/** Query fields; undefined ones are left out. */
export type QueryFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the gateway is, and what lets us in. */
export interface GatewayAddress {
  readonly url: string;
  readonly token: string;
  /** Ends the requests in hand, and all further ones. */
  readonly signal?: AbortSignal;
}

/** Speaks with the gateway's REST API as the operator. */
export class GatewayClient {
  readonly #address: GatewayAddress;

  constructor(address: GatewayAddress) {
    this.#address = address;
  }

  /** @throws CLI.NOT_RUNNING when nobody answers. @throws CLI.GATEWAY with the gateway's own words. @throws CLI.TOKEN */
  get(path: string, query: QueryFields = {}, timeoutMs = REQUEST_TIMEOUT_MS): Promise<Answer> {
    const given = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) given.set(key, String(value));
    }
    const text = given.toString();
    return this.#ask('GET', text === '' ? path : `${path}?${text}`, { timeoutMs });
  }

  /** @throws CLI.NOT_RUNNING @throws CLI.GATEWAY @throws CLI.TOKEN */
  post(path: string, body: object = {}): Promise<Answer> {
    return this.#ask('POST', path, { body, timeoutMs: REQUEST_TIMEOUT_MS });
  }

  async #ask(
    method: 'GET' | 'POST',
    path: string,
    { body, timeoutMs }: { readonly body?: object; readonly timeoutMs: number },
  ): Promise<Answer> {
    const { url, token, signal } = this.#address;
    const late = AbortSignal.timeout(timeoutMs);
    let response: Response;
    try {
      response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? late : AbortSignal.any([late, signal]),
      });
    } catch (cause) {
      throw new AppError({
        code: 'CLI.NOT_RUNNING' satisfies CliErrorCode,
        why: `The gateway at ${url} does not answer.`,
        fix: "See how the stack does with 'capstan status'.",
        cause,
      });
    }
    const answer: unknown = await response.json().catch(() => ({}));
    const fields: Answer = typeof answer === 'object' && answer !== null ? { ...answer } : {};
    if (!response.ok) throw refusal(response.status, fields);
    return fields;
  }
}

/** Returns the path of one thing: `/api/bots/<id>/pause`. */
export function pathOf(...parts: readonly string[]): string {
  return `/api/${parts.map(encodeURIComponent).join('/')}`;
}

function refusal(status: number, fields: Answer): AppError {
  const why = typeof fields.why === 'string' ? fields.why : `the gateway answered ${status}.`;
  const fix = typeof fields.fix === 'string' && fields.fix !== '' ? { fix: fields.fix } : {};
  const code: CliErrorCode = status === 401 ? 'CLI.TOKEN' : 'CLI.GATEWAY';
  return new AppError({
    code,
    why: why.charAt(0).toUpperCase() + why.slice(1),
    ...fix,
    details: { status, gatewayCode: String(fields.code ?? '') },
  });
}

/** Returns the objects of a list in an answer. */
export function listIn(answer: Answer, key: string): readonly Answer[] {
  const list = answer[key];
  if (!Array.isArray(list)) return [];
  return list.filter((one): one is Answer => typeof one === 'object' && one !== null);
}

/** Returns the texts of a list in an answer. */
export function textsIn(answer: Answer, key: string): readonly string[] {
  const list = answer[key];
  return Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string') : [];
}
