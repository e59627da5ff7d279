import type { Clock, Headers, Reply, RequestOptions, Requests } from '@capstan/ports';
import { copyOf } from './copy.ts';
import { portErrors } from './port-errors.ts';

type Handler = (data: Uint8Array, headers: Headers) => Promise<Reply>;

interface Member {
  readonly subject: string;
  readonly queue: string;
  readonly handler: Handler;
}

/** Question and answer in memory. A handler that throws gives no answer, and its error is nobody's: it stays unhandled. */
export class MemoryRequests implements Requests {
  readonly #clock: Clock;
  #members: readonly Member[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async request(subject: string, data: Uint8Array, options: RequestOptions): Promise<Reply> {
    const servers = this.#choose(subject);
    if (servers.length === 0) throw portErrors.noResponder(`nobody answers ${subject}.`);
    const answered = new AbortController();
    const answers = servers.map(({ handler }) => {
      const answer = handler(new Uint8Array(data), copyOf(options.headers ?? {}));
      return new Promise<Reply>((resolve) => {
        void answer.then((reply) => resolve(copyOf(reply)));
      });
    });
    const late = this.#clock.sleep(options.timeoutMs, answered.signal).then((): never => {
      throw portErrors.timeout(`${subject} gave no answer in ${options.timeoutMs} ms.`);
    });
    try {
      return await Promise.race([...answers, late]);
    } finally {
      late.catch(() => undefined);
      answered.abort();
    }
  }

  async serve(
    subject: string,
    queue: string,
    handler: Handler,
  ): Promise<{ close(): Promise<void> }> {
    const member = { subject, queue, handler };
    this.#members = [...this.#members, member];
    return {
      close: async () => {
        this.#members = this.#members.filter((one) => one !== member);
      },
    };
  }

  /** One member of each queue, which then goes to the end of its queue. */
  #choose(subject: string): readonly Member[] {
    const chosen = new Map<string, Member>();
    for (const member of this.#members) {
      if (member.subject === subject && !chosen.has(member.queue)) chosen.set(member.queue, member);
    }
    const picked = [...chosen.values()];
    this.#members = [...this.#members.filter((one) => !picked.includes(one)), ...picked];
    return picked;
  }
}
