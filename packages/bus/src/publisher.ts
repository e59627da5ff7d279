import { AppError } from '@capstan/domain';
import type { OutgoingMessage } from '@capstan/ports';
import type { Msg, PermissionViolationError } from '@nats-io/nats-core';
import { asBusError, errorOfApi, forbidden, unavailable } from './bus-error.ts';
import type { Connection } from './connection.ts';
import { toNats } from './headers.ts';
import { PUBLISH_TIMEOUT_MS, PUBLISH_WINDOW } from './limits.ts';

/** What a server answers to a stored message. */
interface PublishAnswer {
  readonly seq?: number;
  readonly stream?: string;
  readonly error?: { code: number; err_code?: number; description?: string };
}

/**
 * Stores messages in streams, pipelined: a window of them is under way, and the next goes out as acknowledgements come.
 * At the first failure nothing more is sent, so that what is stored is a beginning of what was given, save for the window.
 */
export class Publisher {
  readonly #connection: Connection;
  readonly #inbox: string;
  readonly #batches = new Map<string, Batch>();
  #count = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#inbox = connection.newInbox();
    connection.nats.subscribe(`${this.#inbox}.*.*`, {
      callback: (error, message) => {
        if (error === null) this.#onAnswer(message);
      },
    });
    connection.onLost((error) => {
      for (const batch of [...this.#batches.values()]) batch.fail(error);
    });
    connection.onForbidden((violation) => {
      for (const batch of [...this.#batches.values()]) batch.onForbidden(violation);
    });
  }

  /** @returns the stored sequences. @throws BUS.UNAVAILABLE @throws BUS.FULL @throws BUS.TOO_LARGE @throws BUS.FORBIDDEN */
  async publish(messages: readonly OutgoingMessage[]): Promise<readonly number[]> {
    if (messages.length === 0) return [];
    await this.#connection.ready('publishing');
    this.#count += 1;
    const id = this.#count.toString(36);
    const batch = new Batch(this.#connection, messages, `${this.#inbox}.${id}`);
    this.#batches.set(id, batch);
    try {
      return await batch.run();
    } finally {
      this.#batches.delete(id);
    }
  }

  #onAnswer(message: Msg): void {
    const [id = '', index] = message.subject.slice(this.#inbox.length + 1).split('.');
    this.#batches.get(id)?.onAnswer(Number(index), message);
  }
}

/** The messages of one publication. */
class Batch {
  readonly #connection: Connection;
  readonly #messages: readonly OutgoingMessage[];
  readonly #inbox: string;
  readonly #sequences: number[];
  readonly #outcome = Promise.withResolvers<readonly number[]>();
  #sent = 0;
  #answered = 0;
  #failed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, messages: readonly OutgoingMessage[], inbox: string) {
    this.#connection = connection;
    this.#messages = messages;
    this.#inbox = inbox;
    this.#sequences = new Array(messages.length).fill(0);
  }

  async run(): Promise<readonly number[]> {
    this.#timer = setTimeout(() => {
      this.fail(unavailable('publishing', `no acknowledgement within ${PUBLISH_TIMEOUT_MS} ms`));
    }, PUBLISH_TIMEOUT_MS);
    try {
      this.#send();
      return await this.#outcome.promise;
    } finally {
      clearTimeout(this.#timer);
    }
  }

  fail(error: AppError): void {
    this.#failed = true;
    this.#outcome.reject(error);
  }

  onForbidden(violation: PermissionViolationError): void {
    const { operation, subject } = violation;
    if (operation !== 'publish' || !this.#messages.some((one) => one.subject === subject)) return;
    this.fail(forbidden(`publishing on ${subject}`, violation));
  }

  onAnswer(index: number, message: Msg): void {
    if (this.#failed) return;
    const subject = this.#messages[index]?.subject ?? '';
    const answer = readAnswer(subject, message);
    if (answer instanceof AppError) {
      this.fail(answer);
      return;
    }
    this.#timer?.refresh();
    this.#sequences[index] = answer;
    this.#answered += 1;
    if (this.#answered === this.#messages.length) this.#outcome.resolve(this.#sequences);
    else this.#send();
  }

  #send(): void {
    const until = Math.min(this.#messages.length, this.#answered + PUBLISH_WINDOW);
    try {
      for (; this.#sent < until && !this.#failed; this.#sent += 1) {
        const message = this.#messages[this.#sent];
        if (message === undefined) return;
        const headers = toNats(message.headers, message.messageId);
        this.#connection.nats.publish(message.subject, message.data, {
          reply: `${this.#inbox}.${this.#sent}`,
          ...(headers === undefined ? {} : { headers }),
        });
      }
    } catch (error) {
      if (error instanceof Error && error.name === 'InvariantError') this.#outcome.reject(error);
      else this.fail(asBusError('publishing', error));
      this.#failed = true;
    }
  }
}

function readAnswer(subject: string, message: Msg): number | AppError {
  const what = `publishing on ${subject}`;
  if (message.data.length === 0 && message.headers?.code === 503) {
    return unavailable(what, 'no stream takes this subject now');
  }
  const answer = message.json<PublishAnswer>();
  if (answer.error !== undefined) {
    const { code: status, err_code: code = 0, description = '' } = answer.error;
    return errorOfApi(what, { status, code, description });
  }
  if (answer.seq === undefined) return unavailable(what, 'the answer is no acknowledgement');
  return answer.seq;
}
