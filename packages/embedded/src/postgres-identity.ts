import { readFile } from 'node:fs/promises';
import { AppError } from '@capstan/domain';
import type { Identity } from './child-server.ts';

const PREFERRED = ['postgres', 'nobody'] as const;

/**
 * Chooses whom PostgreSQL runs as: it refuses root, so root drops to `postgres` or `nobody`.
 * @returns undefined when this process is not root and the server simply runs as the same user.
 * @throws EMBEDDED.POSTGRES_USER
 */
export async function postgresIdentity(): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return identityFrom(await readFile('/etc/passwd', 'utf8'));
}

/** Reads the unprivileged user out of the text of a passwd file. @throws EMBEDDED.POSTGRES_USER */
export function identityFrom(passwd: string): Identity {
  const users = passwd.split('\n').map((line) => line.split(':'));
  for (const name of PREFERRED) {
    const user = users.find(([candidate]) => candidate === name);
    if (user !== undefined) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new AppError({
    code: 'EMBEDDED.POSTGRES_USER',
    why: 'PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.',
    fix: 'Create a user named postgres, or do not run as root.',
  });
}
