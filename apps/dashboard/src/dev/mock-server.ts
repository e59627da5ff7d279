/**
 * Serves the built page over a fake world, for looking at it without the platform:
 * `node src/dev/mock-server.ts [port]`. Not part of the page.
 */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { FakeWorld } from './fake-world.ts';

const STEP_MS = 1_000;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'";

const world = new FakeWorld(220);
const viewers = new Set<ServerResponse>();
const names = [
  'market-data',
  'signal',
  'risk',
  'execution',
  'paper-exchange',
  'position-sync',
  'reporting',
  'backtest-worker',
];

function answers(path: string, query: URLSearchParams): unknown {
  switch (path) {
    case '/api/overview':
      return world.overview;
    case '/api/bots':
      return { bots: world.bots };
    case '/api/positions':
      return { accounts: world.overview.accounts, positions: world.positions };
    case '/api/orders':
      return { orders: world.orders };
    case '/api/fills':
      return { fills: world.fills };
    case '/api/signals':
      return { signals: world.signals };
    case '/api/denials':
      return { denials: world.denials };
    case '/api/drifts':
      return { drifts: [] };
    case '/api/foreign':
      return {
        accounts: [
          {
            accountId: 'paper',
            rule: 'ignore',
            meaning: 'kept out of the books and held against nothing',
            orders: [{ orderId: 'theirs', symbol: 'AAPL', side: 'sell', filledQuantity: 0 }],
            positions: [{ symbol: 'AAPL', quantity: 25 }],
            cashMicros: -4_250_000_000,
          },
        ],
      };
    case '/api/equity':
      return { points: world.equity.filter((one) => one.atUs > Number(query.get('afterUs') ?? 0)) };
    case '/api/days':
      return {
        days: [
          {
            tradeDate: '2026-01-05',
            pnlMicros: 412_370_000,
            feesMicros: 4_200_000,
            fills: 13,
            endEquityMicros: 100_412_370_000,
          },
        ],
      };
    case '/api/bars':
      return { bars: world.bars.get(query.get('symbol') ?? '') ?? [] };
    case '/api/sessions': {
      const session = { openUs: 0, closeUs: Date.now() * 1_000, earlyClose: true, date: '' };
      return { sessions: [{ calendar: 'XNYS', atUs: 1, open: true, session }] };
    }
    case '/api/replays': {
      const found = { differences: 3, unexplained: 1 };
      return { replays: [{ accountId: 'paper', tradeDate: '2026-03-02', ...found }] };
    }
    case '/api/alerts':
      return {
        alerts: [
          {
            sequence: 1,
            level: 'critical',
            title: 'paper: SPY differs from the broker',
            text: 'The ledger says 3, the broker 2.',
            atUs: Date.now() * 1_000,
            count: 3,
            sentTo: ['ops'],
          },
        ],
        channels: [{ channel: 'phone', problem: 'it answers HTTP 404', pending: 1 }],
      };
    case '/api/services':
      return {
        services: names.map((name, index) =>
          index === 7
            ? { name, state: 'notReady', message: 'nats: reconnecting', checks: [] }
            : { name, state: 'ready', checks: [] },
        ),
      };
    default:
      return path.startsWith('/api/why/') ? { entries: world.why } : undefined;
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/api/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: hello\ndata: {}\n\n');
    viewers.add(response);
    response.on('close', () => viewers.delete(response));
    return;
  }
  if (url.pathname.startsWith('/api/')) {
    const refused = { code: 'GATEWAY.REFUSED', why: 'this world is fake.', fix: '' };
    const found = request.method === 'POST' ? undefined : answers(url.pathname, url.searchParams);
    response.writeHead(found === undefined ? 409 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? refused));
    return;
  }
  const file = url.pathname === '/' ? '/index.html' : url.pathname;
  try {
    const body = readFileSync(join(import.meta.dirname, '../../dist', file));
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-security-policy': CSP });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});

setInterval(() => {
  const { bars, fills } = world.step();
  const slice = [{ feed: 'demo', runId: 'demo', endUs: world.nowUs, last: false }];
  const events = { bar: bars, ...(fills.length > 0 ? { fills } : {}), slice };
  const text = Object.entries(events)
    .map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
    .join('');
  for (const viewer of viewers) viewer.write(text);
}, STEP_MS).unref();

server.listen(Number(process.argv[2] ?? 4173), '127.0.0.1');
