import { CRASH_KINDS } from './crash-points.ts';
import type { FaultKind } from './fault.ts';
import { KILL_KINDS } from './kill-nodes.ts';
import { STOP_KINDS } from './stop-nodes.ts';

/** Every kind of fault that a campaign knows. */
export const FAULT_KINDS: readonly FaultKind[] = [...KILL_KINDS, ...CRASH_KINDS, ...STOP_KINDS];
