import { useEffect, useState } from 'preact/hooks';
import type { WhyEntry } from '../api.ts';
import { get, RequestError } from '../client.ts';
import { Dialog } from './dialog.tsx';
import { Empty } from './panel.tsx';
import type { Screen } from './screen.ts';

const REFRESH_MS = 2_000;

/** Tells a bot's latest decisions in words, the latest first. */
export function WhyDrawer(screen: Screen & { readonly botId: string; readonly close: () => void }) {
  const { state, botId, close, clock } = screen;
  const [entries, setEntries] = useState<readonly WhyEntry[] | undefined>(undefined);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    let gone = false;
    let timer: number | undefined;
    const path = `/api/why/${encodeURIComponent(botId)}?limit=80`;
    const read = async (): Promise<void> => {
      try {
        const answer = await get<{ entries: WhyEntry[] }>(path);
        if (gone) return;
        setEntries(answer.entries);
        setProblem('');
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        if (!gone) setProblem(error.problem.why);
      }
      if (!gone) timer = window.setTimeout(() => void read(), REFRESH_MS);
    };
    void read();
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
  }, [botId]);
  const bot = state.bots.find((one) => one.botId === botId);
  return (
    <Dialog kind="drawer" title={`Why: ${botId}`} close={close}>
      {bot !== undefined && (
        <p class="dim">
          {bot.strategy}{' '}
          {Object.entries(bot.params)
            .map(([name, value]) => `${name} ${value}`)
            .join(', ')}
          {' · '}
          {bot.state}, stepped through {clock.dayTime(bot.lastSliceEndUs ?? 0)}
        </p>
      )}
      {problem !== '' && <p class="warn">{problem}</p>}
      <ol class="why">
        {(entries ?? []).map((entry) => (
          <li key={`${entry.kind}/${entry.id}`} class={entry.kind}>
            <span class="kind">{entry.kind}</span>
            <span class="dim">{clock.dayTime(entry.atUs)}</span>
            <p>
              {entry.text}
              {entry.reason !== '' && <span class="dim"> {entry.reason}</span>}
            </p>
          </li>
        ))}
      </ol>
      {entries?.length === 0 && <Empty>It has not decided anything yet.</Empty>}
    </Dialog>
  );
}
