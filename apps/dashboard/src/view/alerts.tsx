import { Empty, Panel } from './panel.tsx';
import type { Screen } from './screen.ts';

/** What people were told of late, and the channels that fail. */
export function Alerts(screen: Screen) {
  const { state, clock } = screen;
  const { alerts, channels } = state.alerts;
  const failing = channels.filter(({ problem }) => problem !== '');
  const well = channels.length - failing.length;
  return (
    <Panel
      screen={screen}
      area="alerts"
      title="Alerts"
      parts={['alerts']}
      tools={<span class="dim">{`${well} of ${channels.length} channels well`}</span>}
    >
      <ul class="rows lines">
        {failing.map(({ channel, problem, pending }) => (
          <li key={channel} class="drift">
            <b>{channel}</b> {problem}, {pending} waiting
          </li>
        ))}
        {alerts.map((alert) => (
          <li key={alert.sequence}>
            <span class="dim">{clock.time(alert.atUs)}</span>{' '}
            <span class="policy">{alert.level}</span> <b>{alert.title}</b>
            {alert.count > 1 && ` (and ${alert.count - 1} more)`} {alert.text}{' '}
            <span class="dim">
              {alert.sentTo.length === 0 ? 'sent to nobody' : `sent to ${alert.sentTo.join(', ')}`}
            </span>
          </li>
        ))}
        {alerts.length + failing.length === 0 && <Empty>Nothing to tell.</Empty>}
      </ul>
    </Panel>
  );
}
