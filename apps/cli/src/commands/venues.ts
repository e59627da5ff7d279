import { AppError } from '@capstan/domain';
import {
  type AccountConfig,
  createLogger,
  type Environment,
  readEnvironment,
  systemClock,
} from '@capstan/runtime';
import { EXIT } from '@capstan/runtime/exit-codes';
import {
  ALPACA_PREFIX,
  CAPABILITY_ROWS,
  checkAlpacaAccount,
  SHOWN_VENUES,
  secretSource,
  type TradingMode,
  type VenueFinding,
} from '@capstan/venues';
import type { Command } from 'commander';
import colors from 'picocolors';
import { loadStack } from '../config/stack-config.ts';
import { renderTable } from '../console/table.ts';
import type { CliErrorCode } from '../error-codes.ts';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';

interface CheckOptions {
  readonly env?: string;
  readonly config?: string;
  readonly account?: string;
  readonly json?: boolean;
}

/** An account whose venue is asked. */
interface Asked {
  readonly accountId: string;
  readonly venue: string;
  readonly mode: TradingMode;
  readonly credentials?: string | undefined;
  readonly foreign?: AccountConfig['foreign'];
}

/** Adds `venues` and `venues check`. */
export function addVenuesCommands(program: Command, context: CommandContext): void {
  const { output } = context;
  const venues = program
    .command('venues')
    .description('show what brokers can do here, or check that one lets an account in')
    .addOption(jsonOption())
    .action((options: { readonly json?: boolean }) => {
      output.out(
        options.json === true ? JSON.stringify(capabilitiesByName(), null, 2) : venuesText(),
      );
    });
  venues
    .command('check')
    .description(
      "ask each account's broker: its keys, the account and what it holds, its clock, the market data",
    )
    .option('--account <id>', 'only this account')
    .option('--env <name>', 'the environment: dev or paper (default: dev)')
    .option('--config <file>', "a configuration file in place of the environment's")
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nWithout an account at a broker in the configuration, the keys of the environment are checked.\nExit codes: 0 all is fine, 1 something is wrong, 2 the call or the configuration is.',
    )
    .action(async (options: CheckOptions) => {
      const checked = await checkAll(options, readEnvironment());
      if (options.json === true) output.out(JSON.stringify(checked, null, 2));
      else for (const line of checked.flatMap(findingLines)) output.out(line);
      const isWrong = checked.some(({ findings }) =>
        findings.some(({ state }) => state === 'wrong'),
      );
      if (isWrong) context.exit(EXIT.failed);
    });
}

const capabilitiesByName = () =>
  Object.fromEntries(SHOWN_VENUES.map(({ name, capabilities }) => [name, capabilities]));

/** Shows what each venue's adapter can do. */
export function venuesText(): string {
  return renderTable(
    [
      { title: '', text: ({ words }: (typeof CAPABILITY_ROWS)[number]) => words },
      ...SHOWN_VENUES.map(({ name, capabilities }) => ({
        title: name,
        text: ({ text }: (typeof CAPABILITY_ROWS)[number]) => text(capabilities),
      })),
    ],
    CAPABILITY_ROWS,
  );
}

interface Checked extends Asked {
  readonly findings: readonly VenueFinding[];
}

async function checkAll(
  options: CheckOptions,
  environment: Environment,
): Promise<readonly Checked[]> {
  const { config } = loadStack(options, environment);
  const asked = accountsToAsk(config.accounts, options.account, environment);
  const log = createLogger({ service: 'venues', level: 'error', format: 'text' });
  const ports = { clock: systemClock, log, environment };
  return await Promise.all(
    asked.map(async (account) => ({
      ...account,
      findings:
        account.venue === 'alpaca'
          ? await checkAlpacaAccount(ports, account)
          : [{ what: 'venue', state: 'fine', text: 'the paper exchange needs no keys' } as const],
    })),
  );
}

/** Returns the accounts to ask for; the environment's own keys where none is at a broker. @throws CLI.USAGE */
export function accountsToAsk(
  accounts: readonly AccountConfig[],
  wanted: string | undefined,
  environment: Environment,
): readonly Asked[] {
  const asked = accounts.map(({ accountId, venue, mode, credentials, foreign }) => ({
    ...{ accountId, venue, mode, credentials, foreign },
  }));
  if (wanted === undefined) {
    const isKeyed = secretSource(environment, keyNames()) !== undefined;
    if (asked.some(({ venue }) => venue !== 'paper') || !isKeyed) return asked;
    return [...asked, { accountId: 'the environment', venue: 'alpaca', mode: 'paper' }];
  }
  const found = asked.filter(({ accountId }) => accountId === wanted);
  if (found.length > 0) return found;
  throw new AppError({
    code: 'CLI.USAGE' satisfies CliErrorCode,
    why: `The configuration has no account '${wanted}'.`,
    fix: `It has: ${asked.map(({ accountId }) => accountId).join(', ') || 'none'}.`,
  });
}

const keyNames = () => [`${ALPACA_PREFIX}_KEY_ID`, `${ALPACA_PREFIX}_API_KEY`];

const SIGNS: Readonly<Record<VenueFinding['state'], string>> = {
  fine: colors.green('✓'),
  limited: colors.yellow('!'),
  wrong: colors.red('✗'),
};

function findingLines({ accountId, venue, mode, findings }: Checked): readonly string[] {
  return [
    `${accountId} (${venue}, ${mode})`,
    ...findings.flatMap(({ what, state, text, fix }) => [
      `  ${SIGNS[state]} ${what}: ${text}`,
      ...(fix === undefined ? [] : [`      ${fix}`]),
    ]),
  ];
}
