import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { PolygonControl } from './polygon-emulator.ts';
import { CLUSTERS } from './stream-cluster.ts';

const where = { path: z.string().optional(), times: z.int().min(1).optional() };
const STATUSES = [400, 401, 403, 404, 429, 500, 503] as const;

const FAULT = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('status'), status: z.literal(STATUSES), ...where }),
  z.strictObject({ kind: z.literal('noResults'), ...where }),
  z.strictObject({ kind: z.literal('truncated'), ...where }),
  z.strictObject({ kind: z.literal('hang'), ...where }),
  z.strictObject({ kind: z.literal('foreignNext'), origin: z.url(), ...where }),
]);

const STREAM_ACTS = ['drop', 'silence', 'speak', 'close', 'open'] as const;
const STREAM = z.strictObject({
  cluster: z.enum(CLUSTERS),
  act: z.enum([...STREAM_ACTS, 'late', 'duplicate', 'disorder']),
  minutes: z.int().min(1).optional(),
});
const PLAN = z.strictObject({
  delayed: z.boolean().optional(),
  refusedChannels: z.array(z.string()).optional(),
  filesFrom: z.iso.date().optional(),
});
const KEY = z.strictObject({ key: z.string().min(1), good: z.boolean() });
const STEP = z.strictObject({ minutes: z.int().min(1).max(100_000).default(1) });
const FILE = z.strictObject({ key: z.string() });

/** Serves below `/_control` what a test in the same process calls. */
export function serveControl(app: FastifyInstance, control: PolygonControl): void {
  const post = <T>(path: string, schema: z.ZodType<T>, act: (asked: T) => void): void => {
    app.post(`/_control/${path}`, (request, reply) => {
      const read = schema.safeParse(request.body ?? {});
      if (!read.success) return reply.code(400).send({ error: z.prettifyError(read.error) });
      act(read.data);
      return reply.send({ now: new Date(control.nowUs / 1_000).toISOString() });
    });
  };
  post('step', STEP, ({ minutes }) => control.advance(minutes));
  post('faults', FAULT, ({ path, times, ...fault }) =>
    control.inject({
      fault,
      ...(path === undefined ? {} : { path }),
      ...(times === undefined ? {} : { times }),
    }),
  );
  app.delete('/_control/faults', () => {
    control.clearFaults();
    return {};
  });
  post('streams', STREAM, (asked) => actOn(control, asked));
  post('plan', PLAN, ({ delayed, refusedChannels, filesFrom }) => {
    if (delayed !== undefined) control.delay(delayed);
    if (refusedChannels !== undefined) control.refuseChannels(refusedChannels);
    if (filesFrom !== undefined) control.refuseFilesBefore(filesFrom);
  });
  post('keys', KEY, ({ key, good }) => control.setKey(key, good));
  post('rewrite', FILE, ({ key }) => control.rewriteFile(key));
  app.get('/_control/requests', (request) => {
    const { containing = '' } = request.query as { readonly containing?: string };
    return control.requests.filter((path) => path.includes(containing));
  });
}

function actOn(control: PolygonControl, { cluster, act, minutes }: z.infer<typeof STREAM>): void {
  const stream = control.stream(cluster);
  if (act === 'drop') stream.drop();
  else if (act === 'silence' || act === 'speak') stream.isSilent = act === 'silence';
  else if (act === 'close' || act === 'open') stream.isDown = act === 'close';
  else stream.inject({ kind: act, ...(minutes === undefined ? {} : { minutes }) });
}
