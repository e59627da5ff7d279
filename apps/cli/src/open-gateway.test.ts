import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openGateway, remoteGateway } from './open-gateway.ts';

const seen: { readonly path: string; readonly authorization: string | undefined }[] = [];
const server = createServer((request, response) => {
  seen.push({ path: request.url ?? '', authorization: request.headers.authorization });
  response.end('{"bots":[]}');
});
let url = '';
beforeEach(async () => {
  seen.length = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

test('asks the gateway that the environment names, with its token', async () => {
  const environment = { CAPSTAN_GATEWAY_URL: `${url}/`, CAPSTAN_TOKEN: 'mine' };
  await openGateway(undefined, environment).get('/api/bots');
  expect(seen).toEqual([{ path: '/api/bots', authorization: 'Bearer mine' }]);
});

test('goes to the data directory that is named, whatever the environment says', () => {
  const environment = { CAPSTAN_GATEWAY_URL: url, CAPSTAN_TOKEN: 'mine' };
  expect(() => openGateway('/nowhere', environment)).toThrow('No stack runs on /nowhere.');
});

test('says what of the environment is missing or wrong', () => {
  expect(remoteGateway({})).toBeUndefined();
  expect(remoteGateway({ CAPSTAN_GATEWAY_URL: '' })).toBeUndefined();
  expect(() => remoteGateway({ CAPSTAN_GATEWAY_URL: 'gateway:8080' })).toThrow(
    "CAPSTAN_GATEWAY_URL is 'gateway:8080', which is no address.",
  );
  expect(() => remoteGateway({ CAPSTAN_GATEWAY_URL: url })).toThrow(/neither CAPSTAN_TOKEN_FILE/);
  expect(() =>
    remoteGateway({ CAPSTAN_GATEWAY_URL: url, CAPSTAN_TOKEN_FILE: '/nowhere/token' }),
  ).toThrow('The token file /nowhere/token cannot be read.');
});
