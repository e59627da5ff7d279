import { Empty, Panel } from './panel.tsx';
import type { Screen } from './screen.ts';

const WORDS = { ready: 'ready', notReady: 'not ready', down: 'down' } as const;

/** The services and how they are, and in how much the last session differs from its replay. */
export function Services(screen: Screen) {
  const { services, replays } = screen.state;
  const problems = screen.state.overview?.problems ?? [];
  const ready = services.filter((one) => one.state === 'ready').length;
  return (
    <Panel
      screen={screen}
      area="services"
      title="Services"
      parts={['services', 'overview', 'replays']}
      tools={
        services.length > 0 && <span class="dim">{`${ready} of ${services.length} ready`}</span>
      }
    >
      <ul class="rows lines services-list">
        {services.map((service) => (
          <li key={service.name}>
            <span class={`dot ${service.state}`} aria-hidden="true" />
            <b>{service.name}</b> <span class="dim">{service.message ?? WORDS[service.state]}</span>
          </li>
        ))}
        {problems.map((problem) => (
          <li key={problem.part} class="drift">
            <b>{problem.part}</b> {problem.why}
          </li>
        ))}
        {replays.map(({ accountId, tradeDate, differences, unexplained }) => (
          <li key={accountId} class={unexplained > 0 ? 'drift' : ''}>
            <b>replay</b>{' '}
            <span class="dim">{`${accountId}, ${tradeDate}: ${differences} differences, ${unexplained} unexplained`}</span>
          </li>
        ))}
        {services.length === 0 && <Empty>No services are configured to be watched.</Empty>}
      </ul>
    </Panel>
  );
}
