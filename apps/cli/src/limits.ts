import { assert } from '@capstan/domain';

/** The first pause before a crashed process is started again, in milliseconds; it doubles each time. */
export const RESTART_DELAY_MS_MIN = 250;
/** The longest pause before a restart, in milliseconds. */
export const RESTART_DELAY_MS_MAX = 10_000;
/** How long a process must have been well before its next crash counts as its first, in milliseconds. */
export const RESTART_RESET_MS = 30_000;
/** How long the other services let the first one go ahead, at most, in milliseconds. */
export const HEAD_START_MS = 2_500;
/** How often a process that is well is asked how it is, in milliseconds. */
export const HEALTH_POLL_MS = 1_000;
/** How often one that is not yet well is asked, in milliseconds. */
export const HEALTH_POLL_STARTING_MS = 150;
/** How long an answer about health may take, in milliseconds. */
export const HEALTH_TIMEOUT_MS = 2_000;
/** Questions in a row without any answer after which a process that was well is taken for hung and killed. */
export const HEALTH_SILENCE_MAX = 15;
/** How often the bots are looked at, in milliseconds. */
export const BOTS_POLL_MS = 2_000;
/** For how long a line that a process repeats is left out on the screen, in milliseconds. */
export const REPEAT_MS = 5_000;
/** How often the live table is drawn, in milliseconds. */
export const REDRAW_MS = 500;
/** How long services may drain after SIGTERM before they are killed, in milliseconds: beyond their own deadline. */
export const DRAIN_MS = 25_000;
/** A second signal this soon after the first, in milliseconds, is the same Ctrl-C: npm passes on what the terminal has sent. */
export const SAME_SIGNAL_MS = 750;
/** How often positions and orders are looked at while the bots' shutdown rules run, in milliseconds. */
export const WIND_DOWN_POLL_MS = 250;
/** How often in a row nothing must be left before a bot's rule counts as done. */
export const WIND_DOWN_STEADY_POLLS = 2;
/** How long a server may take to stop when it is killed, in milliseconds. */
export const KILL_MS = 3_000;
/** How long processes of a dead supervisor may take to end by themselves, in milliseconds. */
export const ORPHAN_WAIT_MS = 4_000;
/** How long they may take after SIGTERM, in milliseconds. */
export const ORPHAN_TERM_MS = 5_000;
/** How long `up --detach` waits for health, in milliseconds. */
export const DETACH_WAIT_MS = 120_000;
/** How long `down` waits for the supervisor to end, in milliseconds, beside the time of the bots' shutdown rules. */
export const DOWN_WAIT_MS = 45_000;
/** How long the dashboard may take to build, in milliseconds. */
export const DASHBOARD_BUILD_MS = 120_000;
/** How long a request to the gateway may take, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 15_000;

/** How long the gateway may take to have a session replayed: a little longer than it waits itself. */
export const REPLAY_TIMEOUT_MS = 125_000;
/** How long a kill waits for the gateway before execution is told directly as well, in milliseconds. */
export const KILL_GATEWAY_MS = 700;
/** How long execution may take to answer a kill, in milliseconds. */
export const KILL_DIRECT_MS = 4_000;
/** How long the paper exchange may take to answer, in milliseconds. */
export const EXCHANGE_MS = 4_000;
/** How often a database that does not answer yet is asked, in milliseconds. */
export const DATABASE_POLL_MS = 1_000;
/** How often a trial looks for its fill, in milliseconds. */
export const SMOKE_POLL_MS = 500;
/** A log file is put aside at this size, in bytes. */
export const LOG_BYTES_MAX = 10 * 1024 * 1024;
/** How many put-aside log files are kept. */
export const LOG_FILES_KEPT = 3;
/** How long the last lines of a process that has ended are waited for, in milliseconds. */
export const LAST_WORDS_MS = 500;
/** How many of a process's last lines are kept to explain its end. */
export const TAIL_LINES = 40;
/** How often files and processes are looked at while waiting for them, in milliseconds. */
export const WATCH_MS = 50;

assert(DOWN_WAIT_MS > DRAIN_MS + KILL_MS, '`down` outwaits a drain');
assert(RESTART_DELAY_MS_MAX < RESTART_RESET_MS, 'a restart delay does not count as health');
