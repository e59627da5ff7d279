import { ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { PrismaInstrumentation } from '@prisma/instrumentation';
import { tracingStarted } from './tracing.ts';
import { type TracingSettings, tracesEndpoint } from './tracing-settings.ts';

/** Paths that are asked for every few seconds and tell nothing. */
const UNTRACED = /^\/(health|metrics)\b/;

/** Starts the OpenTelemetry SDK for traces. Must run before the modules it instruments are loaded. */
export function startTracing(settings: TracingSettings): void {
  // The SDK builds its parent-based ratio sampler from these standard variables.
  process.env.OTEL_TRACES_SAMPLER ??= 'parentbased_traceidratio';
  process.env.OTEL_TRACES_SAMPLER_ARG ??= String(settings.sampleRatio);
  const sdk = new NodeSDK({
    serviceName: settings.service,
    traceExporter: new OTLPTraceExporter({ url: tracesEndpoint(settings.endpoint) }),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => UNTRACED.test(request.url ?? ''),
      }),
      new UndiciInstrumentation(),
      new GrpcInstrumentation(),
      new PgInstrumentation({ requireParentSpan: true }),
      new PrismaInstrumentation(),
    ],
  });
  sdk.start();
  tracingStarted(() => sdk.shutdown(), {
    quiet: suppressTracing(ROOT_CONTEXT),
    followsParent: process.env.OTEL_TRACES_SAMPLER.startsWith('parentbased'),
  });
}
