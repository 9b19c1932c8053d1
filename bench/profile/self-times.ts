import { relative } from 'node:path';
import { projectRoot } from '../../start/project-root.ts';
import type { CpuProfile } from './node-profiler.ts';

const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/;
const NOT_WORK = new Set(['(idle)', '(root)']);

/** @returns microseconds that a process spent in each file of its own, each package, each part of Node; the longest first */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): [place: string, microseconds: number][] {
  const placeOf = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const place = placeOf.get(id) ?? '?';
    if (!NOT_WORK.has(place)) times.set(place, (times.get(place) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return [...times].sort(([, a], [, b]) => b - a);
}

function nameOf({ url, functionName }: CpuProfile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName === '' ? '(native)' : functionName;
  const ofPackage = PACKAGE.exec(url)?.[1];
  if (ofPackage !== undefined) return ofPackage;
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  return relative(projectRoot(), new URL(url).pathname);
}
