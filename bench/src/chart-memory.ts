import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

const VALUES = join(import.meta.dirname, ...['..', '..', 'charts', 'capstan', 'values.yaml']);
const UNITS: Readonly<Record<string, number>> = { Mi: 1, Gi: 1_024 };

/** What the chart grants a container, in MiB. */
export interface Grant {
  readonly requestMib: number;
  readonly limitMib: number;
}

interface Block {
  readonly resources?: {
    readonly requests?: { readonly memory?: string };
    readonly limits?: { readonly memory?: string };
  };
}

interface Values {
  readonly defaults: Block;
  readonly services: Readonly<Record<string, Block>>;
  readonly nats: Block;
  readonly postgresql: Block;
}

/** Reads what the chart grants each service by its name, `nats` and `postgres`. */
export async function readGrants(): Promise<ReadonlyMap<string, Grant>> {
  return grantsOf(await readFile(VALUES, 'utf8'));
}

/** @param text values of the chart. @throws Error where a container has no request or no limit. */
export function grantsOf(text: string): ReadonlyMap<string, Grant> {
  const { defaults, services, nats, postgresql }: Values = parse(text);
  const blocks = [...Object.entries(services), ['nats', nats], ['postgres', postgresql]] as const;
  return new Map(blocks.map(([name, block]) => [name, grantOf(name, block, defaults)]));
}

function grantOf(name: string, { resources }: Block, defaults: Block): Grant {
  const mib = (kind: 'requests' | 'limits'): number => {
    const text = resources?.[kind]?.memory ?? defaults.resources?.[kind]?.memory;
    const [, count = '', unit = ''] = /^(\d+)(\w+)$/.exec(text ?? '') ?? [];
    const factor = UNITS[unit];
    if (factor === undefined) throw new Error(`${name}: no memory in ${kind}, in Mi or Gi`);
    return Number(count) * factor;
  };
  return { requestMib: mib('requests'), limitMib: mib('limits') };
}
