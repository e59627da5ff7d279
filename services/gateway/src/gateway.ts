import { AppError } from '@capstan/domain';
import { Authenticator, type Identity } from './authenticator.ts';
import { Commands } from './commands.ts';
import type { GatewayErrorCode } from './error-codes.ts';
import { type Failure, failureOf } from './failure.ts';
import { Fields } from './fields.ts';
import { Foreign } from './foreign.ts';
import { Holdings } from './holdings.ts';
import { LIMITS } from './limits.ts';
import { Marks } from './marks.ts';
import { OrderCommands } from './order-commands.ts';
import { checkProvenance } from './origin.ts';
import type { GatewayPorts, GatewaySettings } from './ports.ts';
import { Queries } from './queries.ts';
import { RateLimiter } from './rate-limiter.ts';
import { type Call, type Route, routesOf } from './routes.ts';
import { METRICS } from './telemetry.ts';

/** A request as it came, before anybody looked whether it is allowed. */
export interface RawRequest {
  readonly method: string;
  /** The `:id` of the path, or empty. */
  readonly id: string;
  readonly query: unknown;
  readonly body: unknown;
  readonly remoteAddress: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** An answer: a value to be sent as JSON, or why there is none. */
export type Answer =
  | { readonly status: 200; readonly body: unknown }
  | (Failure & { readonly retryAfterSeconds?: number });

/** The API: finds out who asks, whether they may, and answers. */
export class Gateway {
  readonly routes: readonly Route[];
  /** The newest prices; the live events feed it. */
  readonly marks: Marks;
  readonly #ports: GatewayPorts;
  readonly #authenticator: Authenticator;
  readonly #limiter: RateLimiter;

  constructor(ports: GatewayPorts, settings: GatewaySettings) {
    this.#ports = ports;
    this.#authenticator = new Authenticator(ports, settings.auth);
    this.#limiter = new RateLimiter(ports.clock);
    this.marks = new Marks(ports.clients.market);
    this.routes = routesOf(
      new Queries(ports, settings),
      new Holdings(ports, settings, this.marks),
      new Commands(ports),
      new OrderCommands(ports),
      new Foreign(ports),
    );
  }

  /** Answers a request of a route. Never rejects. */
  async answer(route: Route, request: RawRequest): Promise<Answer> {
    const { clock, meter } = this.#ports;
    const startedMs = clock.monotonicMs();
    const answer = await this.#answer(route, request);
    const labels = { route: route.path, method: route.method, status: String(answer.status) };
    meter.count(METRICS.requests, 1, labels);
    meter.observe(METRICS.requestSeconds, (clock.monotonicMs() - startedMs) / 1_000, {
      route: route.path,
    });
    return answer;
  }

  async #answer(route: Route, request: RawRequest): Promise<Answer> {
    try {
      const who = await this.admit(request, undefined);
      if (route.method === 'POST' && who.role !== 'operator') throw onlyLooking(who);
      const call: Call = {
        id: request.id,
        query: new Fields(request.query ?? {}),
        body: new Fields(request.body ?? {}),
        who,
      };
      if (route.audit !== undefined) await this.#audit(route.audit, call);
      return { status: 200, body: await route.answer(call) };
    } catch (error) {
      return this.refusal(error, `${route.method} ${route.path}`);
    }
  }

  /**
   * Finds out who asks and whether they may ask at all.
   * @param queryToken a token of the address, where the route allows one.
   * @throws GATEWAY.RATE, GATEWAY.ORIGIN, GATEWAY.CONTENT_TYPE, GATEWAY.TOKEN
   */
  async admit(request: RawRequest, queryToken: string | undefined): Promise<Identity> {
    const { headers, method, remoteAddress } = request;
    const { authorization } = headers;
    // Behind a proxy all have its address: who guesses tokens there must not keep those from a kill who have one.
    const name = this.#authenticator.remembered({ authorization, queryToken });
    this.#limiter.take(name === undefined ? remoteAddress : `token ${name}`);
    checkProvenance({
      method,
      host: headers.host,
      origin: headers.origin,
      fetchSite: headers['sec-fetch-site'],
      contentType: headers['content-type'],
    });
    try {
      return await this.#authenticator.identify({
        authorization,
        queryToken,
        remoteAddress,
        host: headers.host,
        forwarded: headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined,
      });
    } catch (error) {
      if (error instanceof AppError && error.code === 'GATEWAY.TOKEN') {
        this.#limiter.punish(remoteAddress, LIMITS.refusedLoginCost);
      }
      throw error;
    }
  }

  /** Turns a failure into an answer, and tells the log of those that are nobody's mistake outside. */
  refusal(error: unknown, what: string): Answer {
    const failure = failureOf(error);
    if (failure.status >= 500) {
      const level = failure.status === 500 ? 'error' : 'warn';
      this.#ports.log[level](`${what} failed`, { code: failure.body.code, error });
    }
    return failure.status === 429 ? { ...failure, retryAfterSeconds: 1 } : failure;
  }

  /** Writes down what is about to be asked for; the key's owner writes down what came of it. */
  async #audit(audit: NonNullable<Route['audit']>, call: Call): Promise<void> {
    const { store, clock, ids, log } = this.#ports;
    const record = {
      auditId: ids.random(),
      atUs: clock.nowUs(),
      actor: call.who.actor,
      action: audit.action,
      subject: audit.subject(call),
      details: JSON.stringify(Object.fromEntries(call.body.entries())),
    };
    const written = store.addAudit(record);
    const waited = new AbortController();
    try {
      if (audit.always !== true) return await written;
      // What makes things safer does not wait for a store that hangs.
      await Promise.race([written, clock.sleep(LIMITS.auditWaitMs, waited.signal)]);
    } catch (error) {
      if (audit.always !== true || !(error instanceof AppError)) throw error;
      log.error('audit could not be written', { ...record, error });
    } finally {
      waited.abort();
    }
  }
}

function onlyLooking(who: Identity): AppError {
  return new AppError({
    code: 'GATEWAY.ROLE' satisfies GatewayErrorCode,
    why: `'${who.actor}' has the role ${who.role} and may change nothing.`,
    fix: 'Use a token with the role operator.',
  });
}
