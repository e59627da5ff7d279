import { copyOf } from '../memory/copy.ts';
import { portErrors } from '../memory/port-errors.ts';
import { digestOf } from './history.ts';
import { codeOf, type Life } from './life.ts';
import { isAnswer } from './sim-requests.ts';

/** How long a caller waits, unless told, in milliseconds. */
const TIMEOUT_MS = 2_000;

/** How long after its caller gave it up a late request arrives at most, and how long a silent stream is so, in microseconds. */
const LATE_US_MAX = 3_000_000;
const SILENT_US_MAX = 8_000_000;

type Method = (...args: readonly unknown[]) => Promise<unknown>;

interface Stream {
  next(): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/** How a caller sees a service. */
export interface LinkOptions<Api> {
  readonly timeoutMs?: number;
  /** What is no method, such as declared capabilities. */
  readonly constants?: Partial<Api>;
}

/** Direct calls between processes, as a life sees them. */
export interface Network {
  /** Answers calls to a service by the methods of `api` for as long as this life lasts. */
  offer(service: string, api: object): void;
  /**
   * Returns the service's methods as calls over the network. They reject with VENUE.UNAVAILABLE when nobody offers the
   * service, and with VENUE.TIMEOUT when no answer came, whatever became of the call. A method that returns something with
   * `next` and `close` opens a stream; its `next` rejects with VENUE.UNAVAILABLE when the connection breaks.
   */
  connect<Api extends object>(service: string, options?: LinkOptions<Api>): Api;
}

interface Offer {
  readonly life: Life;
  readonly api: object;
}

/** Who offers what. */
export class SimNetwork {
  readonly #offers = new Map<string, Offer>();

  /** Returns the network as one life sees it. */
  of(life: Life): Network {
    return {
      offer: (service, api) => {
        const offer = { life, api };
        this.#offers.set(service, offer);
        life.onEnd(() => {
          if (this.#offers.get(service) === offer) this.#offers.delete(service);
        });
      },
      connect: <Api extends object>(service: string, options: LinkOptions<Api> = {}): Api =>
        new Proxy(options.constants ?? {}, {
          get: (constants, name) => {
            if (typeof name !== 'string' || name === 'then') return undefined;
            if (name in constants) return Reflect.get(constants, name);
            return (...args: readonly unknown[]) =>
              this.#call(life, { service, name, args: copyOf(args) }, options.timeoutMs);
          },
        }) as Api,
    };
  }

  #call(
    caller: Life,
    call: { service: string; name: string; args: readonly unknown[] },
    timeoutMs = TIMEOUT_MS,
  ): Promise<unknown> {
    const { service, name, args } = call;
    const { faults, scheduler } = caller.world;
    const of = { port: service, method: name };
    return new Promise((resolve, reject) => {
      if (!caller.alive) return;
      const late = scheduler.after(timeoutMs * 1_000, () => {
        const error = portErrors.venueTimeout(`${service}.${name}: no answer in ${timeoutMs} ms.`);
        caller.deliver(`${service}.${name} ${error.code}`, () => reject(error));
      });
      const back = (outcome: string, settle: () => void): void =>
        caller.answer(of, outcome, () => {
          late.cancel();
          settle();
        });
      const arrive = (): void => {
        const offer = this.#offers.get(service);
        if (offer === undefined) {
          const error = portErrors.venueUnavailable(`nobody offers ${service}.`);
          back(error.code, () => reject(error));
          return;
        }
        const answered = (outcome: string, settle: () => void): void => {
          if (!faults.hits('answerLost')) back(outcome, settle);
        };
        this.#serve(offer, name, args).then(
          (value) =>
            answered(`ok ${digestOf(value)}`, () => resolve(this.#result(caller, offer, value))),
          (error: unknown) => answered(codeOf(error), () => reject(error)),
        );
      };
      caller.send(undefined, () => {
        if (faults.hits('requestLost')) return;
        if (!faults.hits('requestLate')) return arrive();
        scheduler.after(timeoutMs * 1_000 + caller.world.random.integer(0, LATE_US_MAX), arrive);
      });
    });
  }

  /** Runs a method in the life that offers it; never settles when that life ends first. */
  #serve(offer: Offer, name: string, args: readonly unknown[]): Promise<unknown> {
    const { life, api } = offer;
    return new Promise((resolve, reject) => {
      life.deliver(`serves ${name} ${digestOf(args)}`, () => {
        const method: unknown = Reflect.get(api, name, api);
        if (typeof method !== 'function') {
          life.report(new Error(`${life.name} offers no ${name}`));
          return;
        }
        (method as Method).apply(api, [...args]).then(
          (value) => life.send(undefined, () => resolve(value)),
          (error: unknown) => {
            if (isAnswer(error)) life.send(undefined, () => reject(error));
            else life.report(error);
          },
        );
      });
    });
  }

  #result(caller: Life, offer: Offer, value: unknown): unknown {
    return isStream(value) ? remoteStream(caller, offer, value) : copyOf(value);
  }
}

function isStream(value: unknown): value is Stream {
  return (
    value !== null &&
    typeof value === 'object' &&
    'next' in value &&
    typeof value.next === 'function' &&
    'close' in value
  );
}

/** A stream of another process: it breaks when that process ends, and now and then. */
function remoteStream(caller: Life, offer: Offer, inner: Stream): Stream {
  const { world } = caller;
  const of = { port: offer.life.name, method: 'stream' };
  const broken = portErrors.venueUnavailable(`the stream from ${offer.life.name} broke.`);
  let state: 'open' | 'closed' | 'broken' = 'open';
  let breakOff: () => void = () => undefined;
  const end = (how: 'closed' | 'broken'): void => {
    if (state !== 'open') return;
    state = how;
    if (offer.life.alive) void inner.close();
    if (caller.alive) breakOff();
  };
  offer.life.onEnd(() => end('broken'));
  caller.onEnd(() => end('closed'));
  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (!caller.alive) return;
        if (world.faults.hits('streamBroken')) end('broken');
        if (state === 'closed') return resolve([]);
        breakOff = () =>
          state === 'closed' ? resolve([]) : caller.answer(of, broken.code, () => reject(broken));
        if (state === 'broken') return breakOff();
        inner.next().then(
          (items) => {
            const arrived = () => {
              if (state === 'open') resolve(copyOf(items));
            };
            const tell = () => {
              if (state === 'open') caller.answer(of, `ok ${digestOf(items)}`, arrived);
            };
            if (state !== 'open' || !world.faults.hits('streamSilent')) return tell();
            world.scheduler.after(world.random.integer(0, SILENT_US_MAX), tell);
          },
          (error: unknown) => caller.answer(of, codeOf(error), () => reject(error)),
        );
      }),
    close: async () => end('closed'),
  };
}
