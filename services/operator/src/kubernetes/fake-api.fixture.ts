import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

interface Kept {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Record<string, unknown> & { name: string; uid: string };
  spec: unknown;
  status?: Record<string, unknown>;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** As much of Kubernetes' API as the operator speaks: bots of one namespace, versions that rise, watches that can break. */
export class FakeApi {
  readonly asked: Asked[] = [];
  /** Answers every request with this code in place of what it asks for; 0 answers nothing at all. */
  refuses: number | undefined;
  readonly #server: Server;
  readonly #kept = new Map<string, Kept>();
  readonly #watches = new Set<ServerResponse>();
  #version = 1;
  #made = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async open(): Promise<KubeConfig> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    const config = new KubeConfig();
    const server = `http://127.0.0.1:${port}`;
    config.loadFromClusterAndUser({ name: 'fake', server, skipTLSVerify: true }, { name: 'me' });
    return config;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get watching(): number {
    return this.#watches.size;
  }

  /** Makes a bot, or changes what is wanted of it. */
  apply(name: string, spec: unknown, metadata: object = {}): void {
    const before = this.#kept.get(name);
    if (before === undefined) this.#made += 1;
    const { generation = 0, ...rest } = before?.metadata ?? { name, uid: `uid-${this.#made}` };
    const kept = {
      ...{ apiVersion: 'capstan.dev/v1alpha1', kind: 'Bot', spec, status: before?.status ?? {} },
      metadata: {
        ...{ ...rest, ...metadata, name, uid: String(rest.uid) },
        ...{ namespace: 'trading', generation: Number(generation) + 1 },
      },
    };
    this.#kept.set(name, kept);
    this.#changed(before === undefined ? 'ADDED' : 'MODIFIED', kept);
  }

  /** Takes a bot away. @param isTold whether those who watch hear of it. */
  drop(name: string, isTold = true): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    this.#kept.delete(name);
    if (isTold) this.#changed('DELETED', kept);
  }

  status(name: string): Record<string, unknown> {
    return this.#kept.get(name)?.status ?? {};
  }

  /** Ends all watches, saying that what they ask for is too old. */
  expire(): void {
    const object = { kind: 'Status', code: 410, message: 'too old resource version' };
    for (const watch of this.#watches) watch.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    this.#watches.clear();
  }

  #changed(type: string, kept: Kept): void {
    this.#version += 1;
    Object.assign(kept.metadata, { resourceVersion: String(this.#version) });
    const line = `${JSON.stringify({ type, object: kept })}\n`;
    for (const watch of this.#watches) watch.write(line);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const method = request.method ?? 'GET';
    this.asked.push({ method, path: pathname, body });
    if (this.refuses === 0) return;
    if (this.refuses !== undefined) return send(response, this.refuses, { message: 'no.' });
    const [, plural, name, part] = /\/namespaces\/trading\/(\w+)(?:\/(\w+))?(?:\/(\w+))?$/.exec(
      pathname,
    ) ?? ['', '', undefined, undefined];
    if (plural === 'events') return send(response, 201, body);
    if (searchParams.get('watch') === 'true') return this.#watch(plural === 'bots', response);
    const metadata = { resourceVersion: String(this.#version) };
    const items = plural === 'bots' ? [...this.#kept.values()] : [];
    if (name === undefined) return send(response, 200, { metadata, items });
    const kept = this.#kept.get(name);
    if (kept === undefined) return send(response, 404, { message: 'not found' });
    if (method === 'PATCH') return this.#patch(kept, part === 'status', body, response);
    if (method === 'DELETE') this.drop(name);
    send(response, 200, kept);
  }

  #watch(isFollowed: boolean, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (!isFollowed) return;
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
  }

  #patch(kept: Kept, isStatus: boolean, body: unknown, response: ServerResponse): void {
    const { metadata = {}, status = {} } = body as {
      metadata?: Record<string, unknown>;
      status?: Record<string, unknown>;
    };
    const { resourceVersion, uid, ...rest } = metadata;
    const isOld =
      resourceVersion !== undefined && resourceVersion !== kept.metadata.resourceVersion;
    if (isOld || (uid !== undefined && uid !== kept.metadata.uid)) {
      send(response, 409, { message: 'the object has been modified' });
      return;
    }
    if (isStatus) {
      const merged = Object.entries({ ...kept.status, ...status });
      kept.status = Object.fromEntries(merged.filter(([, value]) => value !== null));
    } else Object.assign(kept.metadata, rest);
    this.#changed('MODIFIED', kept);
    send(response, 200, kept);
  }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
