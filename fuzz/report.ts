import type { InputsResult } from './run-inputs.ts';
import type { Violations } from './violations.ts';

export interface Figures {
  readonly seed: number;
  readonly inFlight: number;
  readonly inputs: InputsResult;
  readonly amounts: { readonly compared: number; readonly tookMs: number };
  readonly violations: Violations;
}

/** What was seen, for a reader. */
export function report({ seed, inFlight, inputs, amounts, violations }: Figures): string {
  const width = Math.max(...[...inputs.answers.keys()].map(({ length }) => length)) + 2;
  const sent = totalOf(inputs);
  return [
    '',
    '  Answers, by status',
    ...[...inputs.answers].map(([endpoint, counts]) => `    ${endpoint.padEnd(width)}${statuses(counts)}`),
    '',
    `  Inputs       ${sent} in ${seconds(inputs.tookMs)}, ${rate(sent, inputs.tookMs)}, ${inFlight} in flight, seed ${seed}`,
    `  Comparisons  ${inputs.comparisons} of both databases, around ${inputs.inputsWithoutEffect} inputs that may change nothing`,
    `  Amounts      ${amounts.compared} in ${seconds(amounts.tookMs)}, ${rate(amounts.compared, amounts.tookMs)}, each as sent, answered, listed, booked, stored and told`,
    '',
    ...conclusion(violations),
    '',
  ].join('\n');
}

/** The same for programs. */
export function figuresJson({ seed, inFlight, inputs, amounts, violations }: Figures): string {
  const answers = Object.fromEntries(
    [...inputs.answers].map(([endpoint, counts]) => [endpoint, Object.fromEntries(counts)]),
  );
  const { comparisons, inputsWithoutEffect, tookMs } = inputs;
  return JSON.stringify(
    {
      seed,
      inFlight,
      inputs: { sent: totalOf(inputs), tookMs, comparisons, inputsWithoutEffect, answers },
      amounts,
      violations: { count: violations.count, first: violations.kept },
    },
    null,
    2,
  );
}

function totalOf({ answers }: InputsResult): number {
  return [...answers.values()].flatMap((counts) => [...counts.values()]).reduce((sum, count) => sum + count, 0);
}

function statuses(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function rate(count: number, ms: number): string {
  return `${Math.round(count / Math.max(ms / 1000, 0.001))}/s`;
}

function conclusion(violations: Violations): string[] {
  if (violations.count === 0) return ['  Nothing contradicts the contract.'];
  const shown = violations.kept.flatMap(({ where, faults, input }) => [
    `    ${where}`,
    ...faults.map((fault) => `      ${fault}`),
    `      ${input}`,
  ]);
  return [`  CONTRADICTIONS: ${violations.count}, the first of them`, ...shown];
}
