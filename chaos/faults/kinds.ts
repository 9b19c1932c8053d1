import { BACKLOG_KINDS } from './backlog.ts';
import { clockStep } from './clocks.ts';
import { CRASH_KINDS } from './crash-points.ts';
import { DATABASE_KINDS } from './databases.ts';
import { diskFull } from './disk-full.ts';
import type { FaultKind } from './fault.ts';
import { KILL_KINDS } from './kill-nodes.ts';
import { LINK_KINDS } from './links.ts';
import { poison } from './poison.ts';
import { SERVER_KINDS } from './servers.ts';
import { STOP_KINDS } from './stop-nodes.ts';
import { TOPIC_KINDS } from './topics.ts';

/** Every kind of fault that a campaign knows. */
export const FAULT_KINDS: readonly FaultKind[] = [
  ...KILL_KINDS,
  ...CRASH_KINDS,
  ...STOP_KINDS,
  ...SERVER_KINDS,
  ...DATABASE_KINDS,
  diskFull,
  ...LINK_KINDS,
  ...TOPIC_KINDS,
  poison,
  clockStep,
  ...BACKLOG_KINDS,
];
