import { describe, expect, test } from 'vitest';
import { refusalOf } from './render-chart.ts';
import { withExternal } from './rendered.test-support.ts';

const live = { accountId: 'fund', venue: 'alpaca', mode: 'live', credentials: 'FUND' };
const bot = { botId: 'b', accountId: 'paper', feed: 'demo', strategy: 's', symbols: ['SPY'] };
const paper = { accountId: 'paper' };
const feed = { feed: 'demo', kind: 'generator', symbols: [{ symbol: 'SPY' }] };
const hpa = {
  kind: 'HorizontalPodAutoscaler',
  spec: { scaleTargetRef: { name: 'x-backtest-worker' } },
};

/** With PostgreSQL and NATS of the release's own. */
const TRIAL = {
  ...{ postgresql: { enabled: true }, nats: { enabled: true } },
  ...{ externalDatabase: { existingSecret: '' }, externalNats: { url: '' } },
};

/** Values that cannot be used, and what is to be in the words of refusal: the value, and what to change. */
const REFUSED: readonly (readonly [title: string, values: object, words: readonly RegExp[]])[] = [
  [
    'two of what may only be one',
    { services: { 'paper-exchange': { replicas: 2 } } },
    [/services\.paper-exchange\.replicas is 2: .* set it to 1/],
  ],
  [
    'a rolling update of what may only be one',
    { services: { 'paper-exchange': { strategy: { type: 'RollingUpdate' } } } },
    [/services\.paper-exchange\.strategy is RollingUpdate.* set strategy\.type to Recreate/],
  ],
  [
    'two on one volume',
    { services: { signal: { replicas: 2, persistence: { enabled: true } } } },
    [/services\.signal has 2 replicas on one volume: set replicas to 1/],
  ],
  [
    'a disruption budget by which nothing may go',
    {
      services: { risk: { replicas: 2, podDisruptionBudget: { enabled: true, minAvailable: 2 } } },
    },
    [/services\.risk\.podDisruptionBudget\.minAvailable is 2 of 2.* set it below/],
  ],
  [
    'a grace period shorter than the drain',
    { services: { risk: { terminationGracePeriodSeconds: 10 } } },
    [/services\.risk\.terminationGracePeriodSeconds is 10.* up to 30 s.*: leave it out/],
  ],
  [
    'a call of no service',
    { services: { risk: { calls: { grpc: ['exchange'] } } } },
    [
      /services\.risk\.calls\.grpc names exchange, which is no service: the services are backtest-desk/,
    ],
  ],
  [
    'a secret in the open',
    { services: { execution: { env: { ALPACA_SECRET_KEY: 'x' } } } },
    [/services\.execution\.env\.ALPACA_SECRET_KEY holds a secret in the open: .*secretKeyRef/],
  ],
  [
    'a secret in the configuration',
    { config: { postgres: { url: 'postgresql://u:p@db/capstan' } } },
    [/config\.postgres\.url is a secret.*: leave it out; externalDatabase\.existingSecret/],
  ],
  [
    'what the chart sets',
    { config: { nats: { url: 'nats://x' }, server: { httpPort: 1 }, supervisor: {} } },
    [
      /config\.nats\.url is set by the chart: leave it out; externalNats\.url/,
      /config\.server\.httpPort/,
      /config\.supervisor/,
    ],
  ],
  [
    'real money by one key',
    { config: { accounts: [live] } },
    [/fund is `mode: live`.* set config\.installation\.allowLive to true/],
  ],
  [
    'keys of a broker and a vendor that nobody is given',
    {
      config: {
        accounts: [{ ...live, mode: 'paper' }],
        feeds: [{ feed: 'f', kind: 'venue', provider: 'polygon' }],
        alerts: { channels: [{ name: 's', kind: 'slack', url: { env: 'SLACK_URL' } }] },
      },
      credentials: {
        fund: {
          existingSecret: 'fund',
          services: ['execution'],
          variables: { FUND_KEY_ID: 'id', FUND_SECRET_KEY: 'key' },
        },
      },
      services: { 'position-sync': { env: { FUND_KEY_ID_FILE: '/x' } } },
    },
    [
      /fund trades at alpaca, and position-sync is given no FUND_SECRET_KEY: name a Secret under credentials/,
      /f is of polygon, and market-data is given no POLYGON_API_KEY/,
      /config\.alerts\.channels names a variable, and reporting is given no SLACK_URL/,
      /cannot be used:(\n {2}- .*){3}\n/,
    ],
  ],
  [
    'more copies of streams than there are servers',
    { ...TRIAL, config: { nats: { replicas: 3 } } },
    [/config\.nats\.replicas is 3, and the release's own NATS is one server: set it to 1/],
  ],
  [
    'a bot for an account and a feed that are not there',
    {
      config: {
        accounts: [paper],
        bots: [{ ...bot, accountId: 'papr', feed: 'dem' }],
        feeds: [feed],
      },
    },
    [
      /b trades for the account papr, which is not there: config\.accounts has paper/,
      /hears the feed dem, which is not there: config\.feeds has demo/,
    ],
  ],
  [
    'a paper account without its exchange',
    { services: { 'paper-exchange': { enabled: false } } },
    [/paper trades at the paper exchange, which is off: set services\.paper-exchange\.enabled/],
  ],
  [
    'what is configured and off',
    { services: { signal: { enabled: false } } },
    [/services\.signal is off.*: set services\.signal\.enabled to true/],
  ],
  [
    'an HPA from none',
    { workers: { mode: 'hpa' } },
    [/workers\.minReplicas is 0.*: set it to 1, or workers\.mode to keda/],
  ],
  [
    'more workers at least than at most',
    { workers: { mode: 'hpa', minReplicas: 9 } },
    [/workers\.minReplicas is 9, above workers\.maxReplicas of 4/],
  ],
  [
    'KEDA that knows no queue',
    { workers: { mode: 'keda' } },
    [/workers\.keda\.monitoringEndpoint is empty:.*such as nats\.messaging:8222/],
  ],
  [
    'KEDA and an HPA',
    { workers: { mode: 'keda', keda: { monitoringEndpoint: 'n:1' } }, extraObjects: [hpa] },
    [/extraObjects has a HorizontalPodAutoscaler .* beside workers\.mode keda.*: take it out/],
  ],
  [
    'a number of workers that has no effect',
    { services: { 'backtest-worker': { replicas: 4 } } },
    [/services\.backtest-worker\.replicas has no effect: set workers\.replicas/],
  ],
  [
    'an Ingress without a host, and a route without a Gateway',
    { ingress: { enabled: true }, httpRoute: { enabled: true } },
    [/ingress\.hosts is empty/, /httpRoute\.parentRefs is empty/],
  ],
  [
    'a way in for requests without a token',
    { services: { gateway: { service: { type: 'LoadBalancer' } } } },
    [/service\.type LoadBalancer lets others reach .*localOperator .*: set it to false/],
  ],
  [
    'a way in to a gateway that is off',
    { ingress: { enabled: true, hosts: ['a'] }, services: { gateway: { enabled: false } } },
    [/ingress\.enabled leads to the gateway, which is off: set services\.gateway\.enabled to true/],
  ],
  [
    'a name that no Service can have',
    { fullnameOverride: '7.desk' },
    [/would begin with '7\.desk'.*: set fullnameOverride to one that does/],
  ],
  [
    'a service whose name gets too long',
    { fullnameOverride: 'a'.repeat(38), services: { ['b'.repeat(30)]: {} } },
    [/services\.b+ would be the Service .* of 69 letters, and 63 are the most: set fullnameOver/],
  ],
  [
    'labels by which the chart selects',
    {
      commonLabels: { 'app.kubernetes.io/name': 'x' },
      services: { risk: { podLabels: { 'app.kubernetes.io/component': 'x' } } },
    },
    [
      /commonLabels has app\.kubernetes\.io\/name, which the chart sets itself: leave it out/,
      /services\.risk\.podLabels has app\.kubernetes\.io\/component/,
    ],
  ],
  [
    'a key that there is not, wherever it stands',
    {
      replicaCount: 1,
      services: { risk: { replica: 2 } },
      config: { acounts: [], accounts: [{ accountId: 'a', limits: { maxGros: 1 } }] },
    },
    [/'acounts' not allowed/, /maxGros/, /'replica' not allowed/, /'replicaCount' not allowed/],
  ],
];

describe('the chart refuses', () => {
  test.each(REFUSED)('%s', (_title, values, words) => {
    const said = refusalOf(withExternal(values as Record<string, unknown>));
    for (const one of words) expect(said).toMatch(one);
  });

  test('everything that is wrong at once, so that one run tells all of it', () => {
    const both = { workers: { mode: 'hpa' }, ingress: { enabled: true } };
    const said = refusalOf(withExternal(both));
    expect(said.match(/^ {2}- /gm)).toHaveLength(3);
  });
});
