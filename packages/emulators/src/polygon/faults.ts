/** What can be made to go wrong with an answer over HTTP. */
export type HttpFault =
  | { readonly kind: 'status'; readonly status: 400 | 401 | 403 | 404 | 429 | 500 | 503 }
  /** The page keeps its `next_url` and loses its `results`. */
  | { readonly kind: 'noResults' }
  /** The answer ends in the middle of its JSON. */
  | { readonly kind: 'truncated' }
  /** No answer. */
  | { readonly kind: 'hang' }
  /** The next page is said to be at another host. */
  | { readonly kind: 'foreignNext'; readonly origin: string };

export interface InjectedFault {
  readonly fault: HttpFault;
  /** Part of the request's path; any request where it is left out. */
  readonly path?: string;
  /** How many requests it meets; 1 where it is left out. */
  readonly times?: number;
}

/** Faults in the order in which they were asked for; each meets so many requests and is gone. */
export class HttpFaults {
  #waiting: { readonly fault: HttpFault; readonly path: string; left: number }[] = [];

  inject({ fault, path = '', times = 1 }: InjectedFault): void {
    this.#waiting.push({ fault, path, left: times });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Takes the fault that a request meets. */
  take(path: string): HttpFault | undefined {
    const found = this.#waiting.find((one) => path.includes(one.path));
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left === 0) this.#waiting = this.#waiting.filter((one) => one !== found);
    return found.fault;
  }
}

const MESSAGES: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  400: { status: 'ERROR', error: 'The request is not valid.' },
  401: { status: 'ERROR', error: 'Unknown API Key' },
  403: {
    status: 'NOT_AUTHORIZED',
    message: 'You are not entitled to this data. Please upgrade your plan.',
  },
  404: { status: 'NOT_FOUND', message: 'Data not found.' },
  429: { status: 'ERROR', error: "You've exceeded the maximum requests per minute." },
};

/** Returns the vendor's body for a refusal, whose text is under `error` or under `message`. */
export function refusalBody(status: number, text?: string): Readonly<Record<string, string>> {
  const body = MESSAGES[status] ?? { status: 'ERROR', error: 'Internal error.' };
  const key = 'message' in body ? 'message' : 'error';
  return { ...body, request_id: 'refused', ...(text === undefined ? {} : { [key]: text }) };
}
