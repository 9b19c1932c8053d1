import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KUBERNETES_FOLDER, kubernetesFiles, kubernetesObjects } from '../support/containers/kubernetes-files.ts';
import { installKubernetesValidate, type KubernetesValidate } from './tools/kubernetes-validate.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

let validate: KubernetesValidate;

beforeAll(async () => {
  validate = await installKubernetesValidate();
}, INSTALL_TIMEOUT_MS);

// The oldest that has the pause before SIGTERM, and the newest that the validator knows.
test.each(['1.30', '1.37'])('Kubernetes %s knows every object of every manifest, and every field', async (version) => {
  const { code, stdout, stderr } = await validate(
    version,
    kubernetesFiles().map((file) => join(KUBERNETES_FOLDER, file)),
  );
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.match(/^INFO .* passed for resource/gm)).toHaveLength(kubernetesObjects().length);
});

test.each([
  ['a field that is misspelt', 'terminationGracePeriodSeconds', 'terminationGracePeriodSecond'],
  ['a number that is none', 'minReadySeconds: 5', 'minReadySeconds: five'],
  ['a field that is required', 'scaleTargetRef:', 'scaleTargetReference:'],
])('%s is found', async (_what, right, wrong) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubernetes-'));
  try {
    const file = join(folder, 'orders.yaml');
    writeFileSync(file, readFileSync(join(KUBERNETES_FOLDER, 'orders.yaml'), 'utf8').replace(right, wrong));
    expect((await validate('1.37', [file])).code).not.toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
