import { useData, type Loaded } from './api.ts';

export interface Session {
  /** The user of the token; null when that named none. */
  readonly subject: string | null;
  /** Milliseconds since the epoch; null without a session: from this machine, where no token is set. */
  readonly expiresAt: number | null;
  readonly nodeId: string;
  readonly namespace: string;
  readonly environment: string;
}

export function useSession(): Loaded<Session> {
  return useData<Session>('/console/api/session', 0);
}
