import type { ActKind } from '../../contract/dead-letters.ts';
import type { Selection } from './selection.ts';

/** What somebody asks for. */
export interface ActRequest {
  readonly kind: ActKind;
  readonly selection: Selection;
  readonly by: string;
  readonly why: string;
  readonly dryRun: boolean;
  /** Also what may end the process. */
  readonly force: boolean;
  /** Selected letters with ids up to here were dealt with by an earlier call. */
  readonly after: string;
  /** How many letters this call may deal with, followers included. */
  readonly limit: number;
  /** When this call has to come to its end, on `performance.now()`. */
  readonly until: number;
}
