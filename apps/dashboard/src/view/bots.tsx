import type { Bot } from '../api.ts';
import { post } from '../client.ts';
import { Empty, Panel } from './panel.tsx';
import { Flatten } from './positions.tsx';
import type { Screen } from './screen.ts';

/** The bots: how they are, what they last wanted, and what can be done with them. */
export function Bots(screen: Screen) {
  const { state, clock, openWhy } = screen;
  const bots = [...state.bots].sort((a, b) => (a.botId < b.botId ? -1 : 1));
  return (
    <Panel screen={screen} area="bots" title="Bots" count={bots.length} parts={['bots', 'signals']}>
      <ul class="rows bots-list">
        {bots.map((bot) => {
          const signal = state.signals.get(bot.botId);
          return (
            <li key={bot.botId}>
              <div class="bot-name">
                <b>{bot.botId}</b> <span class={`state ${bot.state}`}>{bot.state}</span>
                <span class="dim" title={bot.sizingText}>
                  {bot.strategy} · {symbolsOf(bot)} · {bot.sizingText}
                  {bot.restarts > 0 && ` · ${bot.restarts} restarts`}
                </span>
              </div>
              <div class="bot-actions">
                <BotActions screen={screen} bot={bot} />
                {bot.accountId === state.account && (
                  <Flatten screen={screen} label="Flatten" of={{ bot: bot.botId }} />
                )}
                <button
                  type="button"
                  onClick={() => openWhy(bot.botId)}
                  aria-label={`Why: ${bot.botId}`}
                >
                  Why
                </button>
              </div>
              <p class="bot-word" title={bot.error ?? signal?.reason}>
                {bot.error !== undefined ? (
                  <span class="down">{bot.error}</span>
                ) : signal === undefined ? (
                  <span class="dim">No signal yet.</span>
                ) : (
                  <>
                    <span class="dim">{clock.time(signal.barEndUs)}</span>{' '}
                    <span class={`direction ${signal.direction}`}>{signal.direction}</span>{' '}
                    {signal.symbol} <span class="dim">{signal.reason}</span>
                  </>
                )}
              </p>
            </li>
          );
        })}
        {bots.length === 0 && <Empty>No bots are configured.</Empty>}
      </ul>
    </Panel>
  );
}

function symbolsOf(bot: Bot): string {
  const shown = bot.symbols.slice(0, 3).join(' ');
  return bot.symbols.length > 3 ? `${shown} +${bot.symbols.length - 3}` : shown;
}

type Verb = 'Pause' | 'Resume' | 'Stop';

function BotActions({ screen, bot }: { readonly screen: Screen; readonly bot: Bot }) {
  const { act, mayAct } = screen;
  const button = (verb: Verb, enabled: boolean) => (
    <button
      type="button"
      disabled={!mayAct || !enabled}
      aria-label={`${verb} ${bot.botId}`}
      onClick={() => {
        const question = `Stop ${bot.botId}? What becomes of its orders and position is set by its shutdown rule.`;
        if (verb === 'Stop' && !window.confirm(question)) return;
        const path = `/api/bots/${encodeURIComponent(bot.botId)}/${verb.toLowerCase()}`;
        act(`${verb} ${bot.botId}`, () => post(path), ['bots', 'orders']);
      }}
    >
      {verb}
    </button>
  );
  return (
    <>
      {bot.state === 'running' ? button('Pause', true) : button('Resume', bot.state !== 'starting')}
      {button('Stop', bot.state !== 'stopped')}
    </>
  );
}
