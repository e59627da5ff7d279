import colors from 'picocolors';
import { askBots } from '../bot-status.ts';
import { renderBotList, stateText } from '../console/stack-view.ts';
import { type Column, renderTable } from '../console/table.ts';
import { type Answer, type GatewayClient, listIn } from '../gateway-client.ts';
import type { CommandContext } from '../program.ts';

const COLUMNS: readonly Column<Answer>[] = [
  { title: 'service', text: ({ name }) => String(name) },
  { title: 'state', text: ({ state }) => stateText(String(state)) },
  { title: 'health', text: ({ state, message }) => (state === 'ready' ? 'ok' : String(message)) },
];

/** Shows what a gateway elsewhere tells of services and bots; the command ends with 0 only if every service is ready. */
export async function showRemoteStatus(
  gateway: GatewayClient,
  { json }: { readonly json?: boolean },
  { output, exit }: CommandContext,
): Promise<void> {
  const [answer, bots] = await Promise.all([gateway.get('/api/services'), askBots(gateway)]);
  const services = listIn(answer, 'services');
  if (json === true) output.out(JSON.stringify({ services, bots }, null, 2));
  else {
    output.out(renderTable(COLUMNS, services, 'no services under gateway.services'));
    output.out(renderBotList(bots));
  }
  const away = services.filter(({ state }) => state !== 'ready').map(({ name }) => String(name));
  if (away.length === 0) return;
  if (json !== true) output.out(colors.yellow(`! not ready: ${away.join(', ')}`));
  exit(1);
}
