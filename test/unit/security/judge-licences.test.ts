import type { Component } from '../../../security/bill-of-materials.ts';
import { refusedLicences } from '../../../security/judge-licences.ts';

function component(licenses: Component['licenses'], name = 'p', version = '1.0.0'): Component {
  return { name, version, 'bom-ref': `${name}@${version}`, ...(licenses && { licenses }) };
}

function refused(shipped: Component): string[] {
  return refusedLicences([shipped], new Set([shipped['bom-ref']]));
}

test.each([
  ['MIT', [{ license: { id: 'MIT' } }]],
  ['one of two to choose', [{ expression: '(MIT OR GPL-3.0-only)' }]],
  ['two that both hold', [{ expression: 'Apache-2.0 AND MIT' }]],
])('%s is agreed to', (_name, licences) => {
  expect(refused(component(licences))).toEqual([]);
});

test.each([
  ['GPL-3.0-only', [{ license: { id: 'GPL-3.0-only' } }]],
  ['both of two, one of them not agreed to', [{ expression: 'MIT AND GPL-3.0-only' }]],
  ['both of two, listed apart', [{ license: { id: 'MIT' } }, { license: { id: 'GPL-3.0-only' } }]],
  ['an expression that a person has to read', [{ expression: '(MIT OR GPL-3.0-only) AND CC-BY-4.0' }]],
  ['words instead of an identifier', [{ license: { name: 'SEE LICENSE IN LICENSE' } }]],
  ['none at all', undefined],
])('%s is refused', (_name, licences) => {
  expect(refused(component(licences))).toHaveLength(1);
});

test('a tool may have what a product may not', () => {
  const licences = [{ license: { id: 'CC-BY-4.0' } }];
  expect(refusedLicences([component(licences)], new Set())).toEqual([]);
  expect(refused(component(licences))).toEqual(['p@1.0.0 (production): CC-BY-4.0']);
});

test('an exception is for one version', () => {
  expect(refused(component(undefined, 'cli-color', '0.3.2'))).toEqual([]);
  expect(refused(component(undefined, 'cli-color', '0.3.3'))).toHaveLength(1);
});
