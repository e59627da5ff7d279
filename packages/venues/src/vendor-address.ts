import { AppError } from '@capstan/domain';

/** Protocols that an address may have. */
export const HTTP: readonly string[] = ['http:', 'https:'];
export const WEB_SOCKET: readonly string[] = ['ws:', 'wss:'];

/**
 * Returns an address that a variable names, without slashes at its end.
 * @param vendor whose own is used where the variable is left out.
 * @throws VENUE.ENDPOINT where it is none, or carries a secret.
 */
export function requireAddress(
  vendor: string,
  { name, text }: { readonly name: string; readonly text: string },
  protocols: readonly string[],
): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && protocols.includes(url.protocol) && url.search === '';
  if (isPlain && url.username === '' && url.password === '') return text.replace(/\/+$/, '');
  throw new AppError({
    code: 'VENUE.ENDPOINT',
    why: `${name} is no address of ${protocols.map((one) => `${one}//`).join(' or ')} without a user, a password or a query.`,
    fix: `Write it as ${protocols.at(-1)}//host, or leave it out for ${vendor}'s own.`,
  });
}
