import type { Asked } from './documentation.ts';
import type { Json } from './json.ts';

/** OpenAPI's examples of one thing, out of those of a call. */
export function valuesOf<Example extends Asked>(
  examples: Readonly<Record<string, Example>>,
  valueOf: (example: Example) => unknown,
): Json {
  return Object.fromEntries(
    Object.entries(examples).map(([name, example]) => [name, { summary: example.summary, value: valueOf(example) }]),
  );
}
