import type { Identity } from './authenticator.ts';
import type { Commands } from './commands.ts';
import type { Fields } from './fields.ts';
import type { Foreign } from './foreign.ts';
import type { Holdings } from './holdings.ts';
import type { OrderCommands } from './order-commands.ts';
import type { Queries } from './queries.ts';

/** What a route is given: the request, read and allowed. */
export interface Call {
  readonly id: string;
  readonly query: Fields;
  readonly body: Fields;
  readonly who: Identity;
}

/** One address of the API. Who may only look may use what is a GET. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** With `:id` where it names one thing. */
  readonly path: string;
  readonly answer: (call: Call) => Promise<unknown>;
  /** What a change is called in the audit. */
  readonly audit?: {
    readonly action: string;
    readonly subject: (call: Call) => string;
    /** It goes ahead also where the audit cannot be written: it can only make things safer. */
    readonly always?: boolean;
  };
}

const accountOf = ({ body }: Call): string => `account/${body.optionalText('account') ?? '*'}`;
const scopeOf = ({ body }: Call): string =>
  ['account', 'bot', 'symbol']
    .flatMap((name) => {
      const named = body.optionalText(name);
      return named === undefined ? [] : [`${name}/${named}`];
    })
    .join(' ') || 'account/*';
const botOf = ({ id }: Call): string => `bot/${id}`;

/** Every address of the API but the live events. */
export function routesOf(
  queries: Queries,
  holdings: Holdings,
  commands: Commands,
  orders: OrderCommands,
  others: Foreign,
): readonly Route[] {
  const get = (path: string, answer: Route['answer']): Route => ({ method: 'GET', path, answer });
  const post = (
    path: string,
    audit: NonNullable<Route['audit']>,
    answer: Route['answer'],
  ): Route => ({ method: 'POST', path, answer, audit });
  return [
    get('/api/overview', ({ who }) => holdings.overview(who)),
    get('/api/positions', ({ query }) => holdings.positions(query)),
    get('/api/bots', ({ query }) => queries.bots(query)),
    get('/api/strategies', () => queries.strategies()),
    get('/api/orders', ({ query }) => queries.orders(query)),
    get('/api/strays', ({ query }) => queries.strays(query)),
    get('/api/fills', ({ query }) => queries.fills(query)),
    get('/api/equity', ({ query }) => queries.equity(query)),
    get('/api/days', ({ query }) => queries.days(query)),
    get('/api/bars', ({ query }) => queries.bars(query)),
    get('/api/signals', ({ query }) => queries.signals(query)),
    get('/api/denials', ({ query }) => queries.denials(query)),
    get('/api/drifts', ({ query }) => queries.drifts(query)),
    get('/api/foreign', ({ query }) => others.foreign(query)),
    get('/api/cash', ({ query }) => others.cash(query)),
    get('/api/alerts', () => queries.alerts()),
    get('/api/replays', ({ query }) => queries.replays(query)),
    get('/api/replay', ({ query }) => queries.replay(query)),
    get('/api/sessions', () => queries.sessions()),
    get('/api/jobs', ({ query }) => queries.jobs(query)),
    get('/api/jobs/:id', ({ id }) => queries.job(id)),
    get('/api/services', () => queries.services()),
    get('/api/limits/:id', ({ id }) => queries.limits(id)),
    get('/api/why/:id', ({ id, query }) => queries.why(id, query)),
    post(
      '/api/bots',
      { action: 'CreateBot', subject: ({ body }) => `bot/${body.text('botId')}` },
      ({ body, who }) => commands.createBot(body, who.actor),
    ),
    post('/api/bots/:id/change', { action: 'ChangeBot', subject: botOf }, ({ id, body, who }) =>
      commands.changeBot(id, body, who.actor),
    ),
    post(
      '/api/bots/:id/pause',
      { action: 'PauseBot', subject: botOf, always: true },
      ({ id, body, who }) => commands.pauseBot(id, body, who.actor),
    ),
    post('/api/bots/:id/resume', { action: 'ResumeBot', subject: botOf }, ({ id, body, who }) =>
      commands.resumeBot(id, body, who.actor),
    ),
    post(
      '/api/bots/:id/stop',
      { action: 'StopBot', subject: botOf, always: true },
      ({ id, body, who }) => commands.stopBot(id, body, who.actor),
    ),
    post(
      '/api/orders/:id/cancel',
      { action: 'CancelOrder', subject: ({ id }) => `order/${id}`, always: true },
      ({ id, body, who }) => orders.cancel(id, body, who.actor),
    ),
    post(
      '/api/orders/:id/replace',
      { action: 'ReplaceOrder', subject: ({ id }) => `order/${id}` },
      ({ id, body, who }) => orders.replace(id, body, who.actor),
    ),
    post(
      '/api/orders/:id/resolve',
      { action: 'ResolveOrder', subject: ({ id }) => `order/${id}` },
      ({ id, body, who }) => orders.resolve(id, body, who.actor),
    ),
    post(
      '/api/orders/cancel',
      { action: 'CancelOrders', subject: scopeOf, always: true },
      ({ body, who }) => orders.cancelAll(body, who.actor),
    ),
    post('/api/flatten', { action: 'Flatten', subject: scopeOf, always: true }, ({ body, who }) =>
      orders.flatten(body, who.actor),
    ),
    post('/api/kill', { action: 'Kill', subject: accountOf, always: true }, ({ body, who }) =>
      commands.kill(body, who.actor),
    ),
    post('/api/unkill', { action: 'Unkill', subject: accountOf }, ({ body, who }) =>
      commands.unkill(body, who.actor),
    ),
    post(
      '/api/limits/:id',
      { action: 'SetLimits', subject: ({ id }) => `account/${id}` },
      ({ id, body, who }) => commands.setLimits(id, body, who.actor),
    ),
    post(
      '/api/breakers/:id/reset',
      { action: 'ResetBreaker', subject: ({ id }) => `account/${id}` },
      ({ id, body, who }) => commands.resetBreaker(id, body, who.actor),
    ),
    post(
      '/api/alerts/test',
      {
        action: 'TestAlerts',
        subject: ({ body }) => `alerts/${body.optionalText('channel') ?? '*'}`,
      },
      ({ body }) => commands.testAlerts(body),
    ),
    post('/api/jobs', { action: 'SubmitJob', subject: () => 'backtest' }, ({ body, who }) =>
      commands.submitJob(body, who.actor),
    ),
  ];
}
