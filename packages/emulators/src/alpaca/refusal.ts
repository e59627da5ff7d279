/** What Alpaca answers to a request that it does not do: a status and a body with a code of its own. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    super(String(body.message));
    this.status = status;
    this.body = body;
  }
}

/** 400: a parameter that cannot be read. */
export const badRequest = (message: string): Refusal =>
  new Refusal(400, { code: 40010000, message });
/** 403: the account may not, or has not enough for it. */
export const forbidden = (message: string, more: Readonly<Record<string, unknown>> = {}): Refusal =>
  new Refusal(403, { code: 40310000, message, ...more });
/** 404: there is no such thing. */
export const notFound = (message: string): Refusal => new Refusal(404, { code: 40410000, message });
/** 422: it is well formed and makes no sense. */
export const unprocessable = (message: string): Refusal =>
  new Refusal(422, { code: 42210000, message });
/** 422: an order of this client id is there already, open or not. */
export const duplicateClientId = (): Refusal =>
  new Refusal(422, { code: 40010001, message: 'client_order_id must be unique' });
