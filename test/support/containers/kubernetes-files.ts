import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { projectRoot } from '../../../start/project-root.ts';

export const KUBERNETES_FOLDER = join(projectRoot(), 'deploy', 'kubernetes');

/** An object of Kubernetes, as far as the tests read it. */
export interface KubernetesObject {
  readonly file: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec: Spec;
}

export type Labels = Readonly<Record<string, string>>;

interface Spec {
  readonly replicas?: number;
  readonly selector?: Labels & { readonly matchLabels?: Labels };
  readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
  readonly strategy?: unknown;
  readonly ports?: readonly { readonly port: number; readonly targetPort: string }[];
  readonly scaleTargetRef?: { readonly kind: string; readonly name: string };
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly podSelector?: {
    readonly matchLabels?: Labels;
    readonly matchExpressions?: readonly { readonly values: readonly string[] }[];
  };
  readonly ingress?: readonly { readonly ports: readonly { readonly port: number }[] }[];
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly restartPolicy?: string;
  readonly securityContext: unknown;
  readonly topologySpreadConstraints?: readonly { readonly labelSelector: { readonly matchLabels: Labels } }[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly {
    readonly name: string;
    readonly secret: {
      readonly secretName: string;
      readonly items: readonly { readonly key: string; readonly path: string }[];
    };
  }[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly EnvironmentVariable[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: { readonly requests: Labels; readonly limits: Labels };
  readonly securityContext: unknown;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly: boolean }[];
}

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef: { readonly name: string; readonly key: string; readonly optional?: boolean };
  };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface Kustomization {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string; readonly newTag: string }[];
}

/** Files of Kubernetes' own objects: kustomization.yaml is kustomize's. */
export function kubernetesFiles(): string[] {
  return readdirSync(KUBERNETES_FOLDER).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
}

/** Every object of every file. */
export function kubernetesObjects(): KubernetesObject[] {
  return kubernetesFiles().flatMap((file) =>
    parseAllDocuments(readFileSync(join(KUBERNETES_FOLDER, file), 'utf8')).map(
      (document) => ({ ...(document.toJS() as object), file }) as KubernetesObject,
    ),
  );
}

export function kustomization(): Kustomization {
  const [document] = parseAllDocuments(readFileSync(join(KUBERNETES_FOLDER, 'kustomization.yaml'), 'utf8'));
  return document?.toJS() as Kustomization;
}
