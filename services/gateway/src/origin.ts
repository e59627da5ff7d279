import { AppError } from '@capstan/domain';
import type { GatewayErrorCode } from './error-codes.ts';

/** What a request says of where it comes from. */
export interface Provenance {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, where the client is a browser. */
  readonly fetchSite: string | undefined;
  readonly contentType: string | undefined;
}

/** The names of this machine, as a browser on it writes them. */
const LOCAL_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

function refused(why: string, fix: string): AppError {
  return new AppError({ code: 'GATEWAY.ORIGIN' satisfies GatewayErrorCode, why, fix });
}

/** Returns the name in a Host header, without its port, in lower case. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}

/**
 * Refuses names that are neither this machine's own nor expected: a page elsewhere whose name was made to point here (DNS
 * rebinding) gives itself away by it.
 * @throws GATEWAY.ORIGIN
 */
export function checkHost(host: string | undefined, expected: readonly string[]): void {
  const name = host === undefined ? '' : hostName(host);
  if (LOCAL_NAMES.includes(name) || expected.some((one) => one.toLowerCase() === name)) return;
  throw refused(
    `the host name '${name}' is not expected.`,
    'Use the address of this machine, or add the name to `gateway.auth.hosts`.',
  );
}

/**
 * Refuses requests that another page makes a browser send, and changes that are not JSON (a form can send no JSON).
 * @throws GATEWAY.ORIGIN, GATEWAY.CONTENT_TYPE
 */
export function checkProvenance(from: Provenance): void {
  const site = from.fetchSite;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw refused('another page sent this request.', 'Use the dashboard under its own address.');
  }
  if (from.method !== 'POST') return;
  if (from.origin !== undefined && originHost(from.origin) !== from.host?.toLowerCase()) {
    throw refused(`the page '${from.origin}' may not change anything here.`, 'Use the dashboard.');
  }
  const type = from.contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw notJson();
  }
}

/** Says that what was sent is no JSON. */
export function notJson(): AppError {
  return new AppError({
    code: 'GATEWAY.CONTENT_TYPE' satisfies GatewayErrorCode,
    why: 'a request that changes something must be JSON.',
    fix: 'Send `content-type: application/json`.',
  });
}

/** Returns host and port of an Origin header as a Host header would have them; undefined for `null` and nonsense. */
function originHost(origin: string): string | undefined {
  return /^https?:\/\/([^/?#@]+)$/i.exec(origin)?.[1]?.toLowerCase();
}

/** Tells whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || /^127(\.\d{1,3}){3}$/.test(plain);
}
