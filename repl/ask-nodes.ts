import type { ServiceBroker } from 'moleculer';
import { errorText } from '../problems/error-text.ts';

const TIMEOUT_MS = 5000;

interface ListedAction {
  readonly name: string;
  readonly endpoints?: readonly { readonly nodeID: string; readonly available: boolean }[];
}

/** What the nodes said, and which did not. */
export interface Asked<T> {
  readonly answers: T[];
  readonly silent: { readonly nodeId: string; readonly error: string }[];
}

/**
 * Asks each node that has an action of this ending, such as `.outbox.state`, whatever its service is: every node answers for
 * itself.
 */
export async function askNodes<T>(broker: ServiceBroker, ending: string): Promise<Asked<T>> {
  const actions = broker.registry.getActionList({ withEndpoints: true }) as ListedAction[];
  const asked = actions
    .filter(({ name }) => name.endsWith(ending))
    .flatMap(({ name, endpoints = [] }) =>
      endpoints.filter(({ available }) => available).map(({ nodeID }) => ({ name, nodeID })),
    );
  const result: Asked<T> = { answers: [], silent: [] };
  await Promise.all(
    asked.map(async ({ name, nodeID }) => {
      try {
        result.answers.push(await broker.call<T, object>(name, {}, { nodeID, timeout: TIMEOUT_MS }));
      } catch (error) {
        result.silent.push({ nodeId: nodeID, error: errorText(error) });
      }
    }),
  );
  return result;
}
