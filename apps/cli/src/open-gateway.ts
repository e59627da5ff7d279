import { readFileSync } from 'node:fs';
import { AppError } from '@capstan/domain';
import { type Environment, readEnvironment } from '@capstan/runtime';
import type { CliErrorCode } from './error-codes.ts';
import { type GatewayAddress, GatewayClient } from './gateway-client.ts';
import { findStack, gatewayOf } from './running-stack.ts';

/** Names the gateway of an installation that this machine's disk knows nothing of, as in a cluster. */
export const GATEWAY_URL = 'CAPSTAN_GATEWAY_URL';
const TOKEN = 'CAPSTAN_TOKEN';
const TOKEN_FILE = 'CAPSTAN_TOKEN_FILE';

/**
 * Opens the gateway that a command talks to: that of the data directory where one is named, else the one that the environment names, else
 * that of the stack that runs on this machine.
 * @throws CLI.NOT_RUNNING @throws CLI.TOKEN @throws CLI.USAGE
 */
export function openGateway(
  dataDir: string | undefined,
  environment: Environment = readEnvironment(),
): GatewayClient {
  const remote = dataDir === undefined ? remoteGateway(environment) : undefined;
  return remote === undefined ? gatewayOf(findStack(dataDir)) : new GatewayClient(remote);
}

/**
 * Returns the gateway that the environment names. @returns undefined where it names none.
 * @throws CLI.USAGE where the address is none. @throws CLI.TOKEN where there is no token for it.
 */
export function remoteGateway(environment: Environment): GatewayAddress | undefined {
  const text = environment[GATEWAY_URL] ?? '';
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new AppError({
      code: 'CLI.USAGE' satisfies CliErrorCode,
      why: `${GATEWAY_URL} is '${text}', which is no address.`,
      fix: 'Write it as http://gateway:8080.',
    });
  }
  return { url: url.href.replace(/\/+$/, ''), token: tokenOf(environment) };
}

function tokenOf(environment: Environment): string {
  const token = environment[TOKEN] ?? '';
  if (token !== '') return token;
  const file = environment[TOKEN_FILE] ?? '';
  if (file === '') {
    throw new AppError({
      code: 'CLI.TOKEN' satisfies CliErrorCode,
      why: `${GATEWAY_URL} is set, and neither ${TOKEN_FILE} nor ${TOKEN} is.`,
      fix: `Name the file of a token by ${TOKEN_FILE}; 'capstan token add' makes one.`,
    });
  }
  return readTokenFile(file);
}

/** Reads a token that is kept in a file. @throws CLI.TOKEN */
export function readTokenFile(file: string): string {
  let text = '';
  let cause: unknown;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    cause = error;
  }
  if (text !== '') return text;
  throw new AppError({
    code: 'CLI.TOKEN' satisfies CliErrorCode,
    why: cause === undefined ? `${file} is empty.` : `The token file ${file} cannot be read.`,
    fix: `Put a token there that 'capstan token add' has made, or set ${TOKEN_FILE} to where it is.`,
    cause,
  });
}
