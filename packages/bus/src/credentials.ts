import type { Log } from '@capstan/ports';
import {
  type Authenticator,
  credsAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/nats-core';

/** Who this process is to the server: a user, a token, or the text of a credentials file. */
export type BusCredentials =
  | { readonly user: string; readonly password: string }
  | { readonly token: string }
  | { readonly credentialsText: string };

/** Credentials, or where they are taken from at each attempt to connect, so that they may be changed meanwhile. */
export type BusLogin = BusCredentials | (() => BusCredentials);

/** Makes what the client asks at each attempt. Where credentials cannot be had, those of before are tried, which says why. */
export function authenticatorOf(login: BusLogin, log: Log): Authenticator {
  if (typeof login !== 'function') return ofCredentials(login);
  let known = ofCredentials(login());
  return (nonce) => {
    try {
      known = ofCredentials(login());
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      log.error('the credentials for NATS cannot be read; those of before are used', {
        error: text,
      });
    }
    return known(nonce);
  };
}

function ofCredentials(credentials: BusCredentials): Authenticator {
  if ('token' in credentials) return tokenAuthenticator(credentials.token);
  if ('user' in credentials) {
    return usernamePasswordAuthenticator(credentials.user, credentials.password);
  }
  return credsAuthenticator(new TextEncoder().encode(credentials.credentialsText));
}
