import { connectionName, natsAuthorization } from '@capstan/bus';

/** A user of a test's own, who may do everything. */
export const WATCHER = { user: 'watcher', password: 'of-watcher' } as const;

/** Makes a NATS server tell users apart, and keeps what it refused them. */
export class NatsGuard {
  readonly #refused: string[] = [];
  /** How the server is started. */
  readonly natsOptions = {
    furtherConfig: withWatcher(natsAuthorization((user) => JSON.stringify(passwordOf(user)))),
    log: (line: string): void => {
      if (/Violation/.test(line)) this.#refused.push(line);
    },
  };

  /** What a user did that it may not do, as the server says it. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** What a service's process is given so that it comes as itself, and makes no streams. */
  environmentOf(service: string): Readonly<Record<string, string>> {
    return {
      CAPSTAN_NATS__USER: service,
      CAPSTAN_NATS__PASSWORD: passwordOf(service),
      CAPSTAN_NATS__MAKE_STREAMS: 'false',
    };
  }

  /** How a test comes as a service. */
  as(service: string) {
    const credentials = { user: service, password: passwordOf(service) };
    return { name: connectionName(service), credentials, makeStreams: false } as const;
  }
}

const passwordOf = (user: string): string => `of-${user}`;

function withWatcher(block: string): string {
  const { user, password } = WATCHER;
  return block.replace('users: [', `users: [\n    { user: "${user}", password: "${password}" }`);
}
