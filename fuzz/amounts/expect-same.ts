import type { Violations } from '../violations.ts';

/**
 * @param source of the amount, for the report
 * @param where it was found
 */
export function expectSame(
  { violations }: { readonly violations: Violations },
  source: string,
  where: string,
  wanted: string,
  found: string | undefined,
): void {
  if (wanted === found) return;
  violations.add({ where, faults: [`${found ?? 'nothing'} instead of ${wanted}`], input: source });
}
