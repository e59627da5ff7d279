import { findDebianProgram } from '@capstan/embedded';

/** What the tests of dashboards and alerts need; fetched together, once. */
const packages = ['prometheus', 'promtool', 'prometheus-postgres-exporter'] as const;

/** Finds Prometheus, its tool and the exporter of PostgreSQL. @throws EMBEDDED.PROGRAM_MISSING */
export async function findPrometheus(): Promise<{
  readonly prometheus: string;
  readonly promtool: string;
  readonly postgresExporter: string;
}> {
  const find = (name: string): Promise<string> =>
    findDebianProgram({ packages, path: `usr/bin/${name}` });
  return {
    prometheus: await find('prometheus'),
    promtool: await find('promtool'),
    postgresExporter: await find('prometheus-postgres-exporter'),
  };
}
