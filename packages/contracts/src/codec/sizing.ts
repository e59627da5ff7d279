import { type AtrRiskSizing, type SizingRule, sizingProblem } from '@capstan/domain';
import type * as service from '../gen/capstan/signal/v1/signal_service.ts';
import { int64, malformed } from './wire.ts';

type WireRule = NonNullable<service.BotSizing['rule']>;

export function sizingToWire(sizing: SizingRule): service.BotSizing {
  return { rule: ruleToWire(sizing) };
}

function ruleToWire(sizing: SizingRule): WireRule {
  switch (sizing.kind) {
    case 'fixedQuantity':
      return { $case: 'fixedQuantity', value: int64.of(sizing.quantity) };
    case 'fixedNotional':
      return { $case: 'fixedNotionalMicros', value: int64.of(sizing.notionalMicros) };
    case 'equityFraction':
      return { $case: 'equityFraction', value: sizing.fraction };
    case 'cashFraction': {
      const { fraction, feeBps } = sizing;
      return { $case: 'cashFraction', value: { fraction, feeBps } };
    }
    case 'atrRisk': {
      const { atrBars, atrMultiple, maxFraction } = sizing;
      const risk = riskToWire(sizing);
      return { $case: 'atrRisk', value: { risk, atrBars, atrMultiple, maxFraction } };
    }
    case 'volatilityTarget': {
      const { annualVolatility, lookbackBars, maxFraction } = sizing;
      return { $case: 'volatilityTarget', value: { annualVolatility, lookbackBars, maxFraction } };
    }
  }
}

function riskToWire({ riskFraction, riskMicros }: AtrRiskSizing): service.AtrRiskSizing['risk'] {
  if (riskFraction !== undefined) return { $case: 'riskFraction', value: riskFraction };
  return riskMicros === undefined
    ? undefined
    : { $case: 'riskMicros', value: int64.of(riskMicros) };
}

/** Reads a sizing and checks it. */
export function sizingFromWire(wire: service.BotSizing | undefined): SizingRule {
  if (wire?.rule === undefined) throw malformed('Bot', 'sizing', 'absent');
  const sizing = ruleFromWire(wire.rule);
  const problem = sizingProblem(sizing);
  if (problem !== undefined) {
    throw malformed(
      'Bot',
      `sizing.${problem.key}`,
      `${String(problem.value)}, not ${problem.rule}`,
    );
  }
  return sizing;
}

function ruleFromWire(rule: WireRule): SizingRule {
  switch (rule.$case) {
    case 'fixedQuantity':
      return { kind: 'fixedQuantity', quantity: int64.number(rule.value) };
    case 'fixedNotionalMicros':
      return { kind: 'fixedNotional', notionalMicros: int64.number(rule.value) };
    case 'equityFraction':
      return { kind: 'equityFraction', fraction: rule.value };
    case 'cashFraction':
      return { kind: 'cashFraction', ...rule.value };
    case 'atrRisk': {
      const { risk, atrBars, atrMultiple, maxFraction } = rule.value;
      return { kind: 'atrRisk', ...riskFromWire(risk), atrBars, atrMultiple, maxFraction };
    }
    case 'volatilityTarget':
      return { kind: 'volatilityTarget', ...rule.value };
  }
}

function riskFromWire(
  risk: service.AtrRiskSizing['risk'],
): Pick<AtrRiskSizing, 'riskFraction' | 'riskMicros'> {
  if (risk === undefined) return {};
  return risk.$case === 'riskFraction'
    ? { riskFraction: risk.value }
    : { riskMicros: int64.number(risk.value) };
}
