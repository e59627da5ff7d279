import { type Rendered, renderChart } from './render-chart.ts';

type Values = Readonly<Record<string, unknown>>;

/** The least values that render: PostgreSQL and NATS are elsewhere. */
const EXTERNAL: Values = {
  postgresql: { enabled: false },
  nats: { enabled: false },
  externalDatabase: { existingSecret: 'database' },
  externalNats: { url: 'nats://nats.messaging:4222' },
};

/** Adds values to the least there are. */
export const withExternal = (values: Values = {}): Values => ({ ...EXTERNAL, ...values });

/** Renders the chart with PostgreSQL and NATS elsewhere. */
export const rendered = (values: Values = {}): readonly Rendered[] =>
  renderChart({ values: withExternal(values) });

/** Finds the one object of a kind whose name ends so. */
export function the(objects: readonly Rendered[], kind: string, ending: string): Rendered {
  const found = objects.filter(
    (one) => one.kind === kind && one.metadata.name === `test-capstan${ending}`,
  );
  const [one] = found;
  if (one === undefined || found.length > 1)
    throw new Error(`${found.length} ${kind} test-capstan${ending}`);
  return one;
}

/** All objects of a kind. */
export const every = (objects: readonly Rendered[], kind: string): readonly Rendered[] =>
  objects.filter((one) => one.kind === kind);

/** The pod that a Deployment makes. */
export const podOf = (deployment: Rendered) => deployment.spec.template.spec;

/** The service's own container of a Deployment. */
export const containerOf = (deployment: Rendered) => podOf(deployment).containers[0];

/** The component that an object is of. */
export const componentOf = (object: Rendered): string =>
  object.metadata.labels?.['app.kubernetes.io/component'] ?? '';
