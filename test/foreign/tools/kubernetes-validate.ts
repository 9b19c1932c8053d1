import { installStep, runTool, toolFolder } from './tool.ts';
import type { Ran } from './tool.ts';

/** Judges manifests by Kubernetes' own schemas, unknown fields refused: code 0, or another and what is wrong. */
export type KubernetesValidate = (version: string, files: readonly string[]) => Promise<Ran>;

const WHO = 'install Python 3 with pip';
const VERSION = '1.37.0';

/** Brings kubernetes-validate by pip; it carries the schemas of each version of Kubernetes. */
export async function installKubernetesValidate(): Promise<KubernetesValidate> {
  const folder = await toolFolder(`kubernetes-validate-${VERSION}`, async (half) => {
    const quiet = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
    const what = `kubernetes-validate==${VERSION}`;
    await installStep(WHO, 'python3', ['-m', 'pip', 'install', ...quiet, '--target', half, what]);
  });
  return (version, files) =>
    runTool('python3', ['-m', 'kubernetes_validate', '--strict', '-k', version, ...files], {
      env: { PYTHONPATH: folder },
    });
}
