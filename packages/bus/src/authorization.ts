import { connectionName, type NatsPermissions, natsPermissions } from './permissions.ts';

/**
 * Writes the block of a server's configuration that says who may do what: one user a service, named as it is.
 * @param passwordOf how a user's password stands in it: a quoted text, or `$NAME` for the variable NAME of the server's environment.
 */
export function natsAuthorization(passwordOf: (user: string) => string): string {
  const users = [...natsPermissions()].map(([user, permissions]) =>
    userBlock(user, passwordOf(user), permissions),
  );
  return `authorization {\n  users: [\n${users.join('')}  ]\n}\n`;
}

/** Names the variable of the server's environment that holds a user's password. */
export function passwordVariable(user: string): string {
  return `NATS_PASSWORD_${user.toUpperCase().replaceAll('-', '_')}`;
}

/** The users of the server, in the order of the block. */
export function natsUsers(): readonly string[] {
  return [...natsPermissions().keys()];
}

function userBlock(user: string, password: string, permissions: NatsPermissions): string {
  return [
    `    # The connection ${connectionName(user)}.`,
    '    {',
    `      user: ${JSON.stringify(user)}`,
    `      password: ${password}`,
    '      permissions: {',
    ...subjectList('publish', permissions.publish),
    ...subjectList('subscribe', permissions.subscribe),
    '      }',
    '    }',
    '',
  ].join('\n');
}

function subjectList(what: string, patterns: readonly string[]): readonly string[] {
  const lines = patterns.map((pattern) => `          ${JSON.stringify(pattern)}`);
  return [`        ${what}: { allow: [`, ...lines, '        ] }'];
}

const HEADER = `# Who may do what at NATS: one user a service. Written from packages/contracts/src/bus-access.ts by
#   npm run write-authorization -w @capstan/bus
# Each password stands in a variable of the server's environment; it begins with a letter and has letters and digits alone.
`;

/** The block as servers outside of tests include it. */
export function authorizationFile(): string {
  return HEADER + natsAuthorization((user) => `$${passwordVariable(user)}`);
}
