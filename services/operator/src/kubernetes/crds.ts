import { z } from 'zod';
import { KINDS, type Kind } from '../cluster.ts';
import { accountSpec, botSpec, jobSpec } from './specs.ts';

export const GROUP = 'capstan.dev';
export const VERSION = 'v1alpha1';
export const PLURALS: Readonly<Record<Kind, string>> = {
  Bot: 'bots',
  Account: 'accounts',
  BacktestJob: 'backtestjobs',
};

type Schema = { readonly [key: string]: unknown };
type Column = {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority?: number;
};

const text = (description: string): Schema => ({ type: 'string', description });
const whole = (description: string): Schema => ({ type: 'integer', format: 'int64', description });

const STATUS: Schema = {
  observedGeneration: whole('The last change of the specification that was passed on or refused.'),
  phase: text('How it stands, in a word.'),
  message: text('Why, where there is something to say.'),
  conditions: {
    description:
      'Accepted, and Ready or Complete and Failed, as `kubectl wait --for=condition` reads them.',
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
    items: {
      type: 'object',
      required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
      properties: {
        type: { type: 'string' },
        status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
        observedGeneration: { type: 'integer', format: 'int64' },
        lastTransitionTime: { type: 'string', format: 'date-time' },
        reason: { type: 'string' },
        message: { type: 'string' },
      },
    },
  },
};

const COLUMN = (name: string, key: string, priority?: number): Column => ({
  name,
  type: 'string',
  jsonPath: key,
  ...(priority === undefined ? {} : { priority }),
});
const AGE: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

const DESCRIBED: Readonly<
  Record<
    Kind,
    {
      readonly what: string;
      readonly spec: z.ZodObject;
      readonly status: Schema;
      readonly columns: readonly Column[];
      readonly shortNames: readonly string[];
    }
  >
> = {
  Bot: {
    what: 'A bot: a strategy on symbols, for an account. Its end stops the bot by its onShutdown.',
    spec: botSpec,
    shortNames: ['bot'],
    status: {
      refused: text('Why the platform would not take the last change; what ran before goes on.'),
      own: text('Name of the bot that is this resource’s.'),
      accountId: text('Account that it trades for.'),
      position: text('What it holds.'),
      profit: text('Profit and loss since its beginning, fees included.'),
      revision: whole('Revision of its configuration that runs.'),
      restarts: whole('How often it has begun again after a crash.'),
      lastSlice: {
        type: 'string',
        format: 'date-time',
        description: 'End of the last bars that it has decided on.',
      },
    },
    columns: [
      COLUMN('State', '.status.phase'),
      COLUMN('Account', '.spec.accountId'),
      COLUMN('Strategy', '.spec.strategy'),
      COLUMN('Position', '.status.position'),
      COLUMN('P/L', '.status.profit'),
      COLUMN('Message', '.status.message', 1),
      AGE,
    ],
  },
  Account: {
    what: 'An account of the configuration: its limits, and how it stands. Its end changes nothing.',
    spec: accountSpec,
    shortNames: ['acct'],
    status: {
      refused: text('Why the platform would not take the last change of the limits.'),
      limitKeys: {
        type: 'array',
        items: { type: 'string' },
        description: 'Limits that this resource has set.',
      },
      venue: text('Where it trades.'),
      mode: text('paper or live.'),
      killSwitch: text('off, soft or hard.'),
      position: text('What all its bots and the house hold.'),
      profit: text('Profit and loss of all its bots, fees included.'),
      equity: text('What it is worth at the end of the last slice.'),
    },
    columns: [
      COLUMN('State', '.status.phase'),
      COLUMN('Venue', '.status.venue'),
      COLUMN('Mode', '.status.mode'),
      COLUMN('Equity', '.status.equity'),
      COLUMN('P/L', '.status.profit'),
      COLUMN('Kill', '.status.killSwitch'),
      COLUMN('Message', '.status.message', 1),
      AGE,
    ],
  },
  BacktestJob: {
    what: 'A backtest on the workers of the platform. Its end leaves the job and its result.',
    spec: jobSpec,
    shortNames: ['btj'],
    status: {
      jobId: text('Id of the job: the same specification is the same job.'),
      digest: text('Fingerprint of the whole result.'),
      totalReturn: text('From the first bar to the last.'),
      maxDrawdown: text('The deepest fall from a peak.'),
      fills: whole('How often it traded.'),
      finishedAt: { type: 'string', format: 'date-time', description: 'When it ended.' },
    },
    columns: [
      COLUMN('State', '.status.phase'),
      COLUMN('Strategy', '.spec.strategy'),
      COLUMN('Return', '.status.totalReturn'),
      COLUMN('Drawdown', '.status.maxDrawdown'),
      { name: 'Fills', type: 'integer', jsonPath: '.status.fills' },
      COLUMN('Message', '.status.message', 1),
      AGE,
    ],
  },
};

/** Makes the definitions of the resources, as Kubernetes takes them. */
export function definitions(): readonly Schema[] {
  return KINDS.map((kind) => {
    const { what, spec, status, columns, shortNames } = DESCRIBED[kind];
    const plural = PLURALS[kind];
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${GROUP}` },
      spec: {
        group: GROUP,
        scope: 'Namespaced',
        names: { kind, plural, singular: kind.toLowerCase(), shortNames, categories: ['capstan'] },
        versions: [
          {
            name: VERSION,
            served: true,
            storage: true,
            subresources: { status: {} },
            additionalPrinterColumns: columns,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                description: what,
                required: ['spec'],
                properties: {
                  spec: structural(z.toJSONSchema(spec, { io: 'input' })),
                  status: { type: 'object', properties: { ...STATUS, ...status } },
                },
              },
            },
          },
        ],
      },
    };
  });
}

/** What Kubernetes takes of a JSON schema: it prunes unknown keys by itself, and knows neither unions of types nor open values but by its own word. */
function structural(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(structural);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $schema: _, additionalProperties, propertyNames: __, ...rest } = schema as Schema;
  const kept = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === 'default' ? value : structural(value),
    ]),
  );
  const isOpen = typeof additionalProperties === 'object' && additionalProperties !== null;
  return isOpen ? { ...kept, 'x-kubernetes-preserve-unknown-fields': true } : kept;
}
