import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as a collector gets it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly startUs: number;
  readonly endUs: number;
  /** Those that are texts. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

/** The part of an OTLP/JSON export that is read here. */
interface OtlpExport {
  readonly resourceSpans?: readonly {
    readonly resource: {
      readonly attributes: readonly OtlpAttribute[];
    };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes?: readonly OtlpAttribute[];
      }[];
    }[];
  }[];
}

/** A collector of traces over OTLP/HTTP on the loopback interface, which keeps what it is sent. */
export class Collector {
  readonly spans: ReceivedSpan[] = [];
  readonly #server: Server;
  readonly endpoint: string;

  private constructor(server: Server) {
    this.#server = server;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        if (request.url === '/v1/traces') this.#take(Buffer.concat(parts).toString());
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
  }

  static async start(): Promise<Collector> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Collector(server);
  }

  /** Returns the spans from one up to the first of its trace, the given one first. */
  lineOf(span: ReceivedSpan): readonly ReceivedSpan[] {
    const parent = this.spans.find(
      ({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId,
    );
    return parent === undefined ? [span] : [span, ...this.lineOf(parent)];
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(text: string): void {
    for (const { resource, scopeSpans } of (JSON.parse(text) as OtlpExport).resourceSpans ?? []) {
      const service = textsOf(resource.attributes)['service.name'] ?? '';
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        const { traceId, spanId, parentSpanId = '' } = span;
        this.spans.push({
          ...{ service, traceId, spanId, parentSpanId, name: span.name },
          startUs: Number(BigInt(span.startTimeUnixNano) / NS_PER_US),
          endUs: Number(BigInt(span.endTimeUnixNano) / NS_PER_US),
          attributes: textsOf(span.attributes ?? []),
        });
      }
    }
  }
}

const NS_PER_US = 1_000n;

function textsOf(attributes: readonly OtlpAttribute[]): Readonly<Record<string, string>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? '']));
}
