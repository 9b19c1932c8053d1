import type { Session } from '../answers.ts';
import { useData, type Loaded } from './api.ts';

export function useSession(): Loaded<Session> {
  return useData<Session>('/console/api/session', 0);
}
