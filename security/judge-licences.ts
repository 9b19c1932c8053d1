import type { Component } from './bill-of-materials.ts';

/** Permissive: may be shipped inside a product, against keeping their text. */
const SHIPPED = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'];
/** Enough for a tool that runs on a developer's machine and is in no image. MPL asks something of who passes on changed files. */
const TOOLS = [...SHIPPED, 'Artistic-2.0', 'CC0-1.0', 'CC-BY-3.0', 'CC-BY-4.0', 'MPL-2.0', 'Python-2.0', 'WTFPL'];

/** A package whose metadata name no licence, or one outside of the lists, and why it is used all the same. */
interface Exception {
  readonly licence: string;
  readonly reason: string;
}

const EXCEPTIONS: Readonly<Record<string, Exception>> = {
  'cli-color@0.3.2': {
    licence: 'MIT',
    reason: 'Its package.json has no licence; its file LICENCE is the MIT text.',
  },
  '@seald-io/binary-search-tree@1.0.3': {
    licence: 'MIT',
    reason: 'Its package.json says "licence" where npm reads "license"; its file LICENSE.md is the MIT text.',
  },
};

/** @returns the SPDX expression of a component, or null when it names none */
function licenceOf(component: Component): string | null {
  const named = (component.licenses ?? []).map(
    ({ license, expression }) => expression ?? license?.id ?? license?.name ?? '',
  );
  return named.length > 0 ? named.join(' AND ') : null;
}

/**
 * Evaluates `A`, `A OR B`, `A AND B` and one pair of brackets around them, which is what packages write. Anything else is
 * not allowed, and so is read by a person.
 */
function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const bare = expression.replace(/^\((.*)\)$/, '$1');
  const alternatives = bare.split(' OR ');
  if (alternatives.length > 1) return alternatives.some((one) => allowed.includes(one));
  return bare.split(' AND ').every((one) => allowed.includes(one));
}

/**
 * @param production `name@version` of the packages that are shipped
 * @returns a line for each package whose licence nobody has agreed to
 */
export function refusedLicences(components: readonly Component[], production: ReadonlySet<string>): string[] {
  return components.flatMap((component) => {
    const id = `${component.name}@${component.version}`;
    const shipped = production.has(id);
    const licence = EXCEPTIONS[id]?.licence ?? licenceOf(component);
    if (licence !== null && isAllowed(licence, shipped ? SHIPPED : TOOLS)) return [];
    return [`${id} (${shipped ? 'production' : 'development'}): ${licence ?? 'no licence named'}`];
  });
}
