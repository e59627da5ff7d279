import type { ComponentChildren } from 'preact';
import type { Part } from '../state.ts';
import type { Screen } from './screen.ts';

interface PanelProps {
  readonly screen: Screen;
  /** Where it lies in the grid. */
  readonly area: string;
  readonly title: string;
  readonly count?: number;
  readonly parts: readonly Part[];
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of the page with its title, and with what keeps it from being up to date. */
export function Panel({ screen, area, title, count, parts, tools, children }: PanelProps) {
  const problem = parts
    .map((part) => screen.state.problems.get(part))
    .find((one) => one !== undefined);
  return (
    <section class={`panel ${area}`} aria-label={title}>
      <header>
        <h2>
          {title}
          {count !== undefined && <span class="count">{count}</span>}
        </h2>
        {problem !== undefined && (
          <span class="problem" title={`${problem.code}: ${problem.why} ${problem.fix}`}>
            {problem.why}
          </span>
        )}
        {tools !== undefined && <div class="tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}

/** Shown in the place of rows where there are none. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
