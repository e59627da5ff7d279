import type { InjectOptions } from 'fastify';
import { openGateway } from '../gateway.fixture.ts';

export type Opened = Awaited<ReturnType<typeof openGateway>>;

const opened: Opened[] = [];

/** Opens a gateway that {@link closeAll} closes. */
export async function open(options: Parameters<typeof openGateway>[0] = {}): Promise<Opened> {
  const one = await openGateway(options);
  opened.push(one);
  return one;
}

/** Closes every gateway that a test opened. */
export async function closeAll(): Promise<void> {
  for (const one of opened.splice(0)) await one.app.close();
}

const LOCAL = { remoteAddress: '127.0.0.1', headers: { host: 'localhost:8080' } };

/** Asks as this machine does, unless told otherwise. */
export async function ask(one: Opened, url: string, more: InjectOptions = {}) {
  const headers = { ...LOCAL.headers, ...more.headers };
  const response = await one.app.inject({ ...LOCAL, ...more, url, headers });
  return { status: response.statusCode, headers: response.headers, body: parsed(response.body) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Sends JSON. */
export const post = (one: Opened, url: string, payload: object = {}, more: InjectOptions = {}) =>
  ask(one, url, {
    ...more,
    method: 'POST',
    payload: JSON.stringify(payload),
    headers: { 'content-type': 'application/json', ...more.headers },
  });

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
