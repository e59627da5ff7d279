import { subjectToken } from '@capstan/contracts';

/**
 * Returns where the answers to a connection of this name go: a place of its own, so that a server can be told that nobody else
 * may listen there.
 */
export function inboxPrefix(name: string): string {
  return `_INBOX.${subjectToken(name)}`;
}
