import { ownPostgres, type OwnPostgres } from '../../test/support/own-cluster.ts';
import type { Opened, Variant } from '../harness/benchmark.ts';
import type { Places } from '../harness/places.ts';
import { startRelay, type RelayWorker } from './start-relay.ts';

/** Where relays are measured. */
export interface RelayRoom {
  readonly postgres: OwnPostgres;
  readonly brokers: string;
  readonly relay: RelayWorker;
  /** To be called when everything is closed. */
  readonly onClose: (end: () => void) => void;
}

/**
 * Starts PostgreSQL, Kafka and the product's relay.
 *
 * @param prepare warms up, and makes the variants
 */
export async function openRelayRoom(
  places: Places,
  prepare: (room: RelayRoom) => Promise<readonly Variant[]>,
): Promise<Opened> {
  const [postgres, kafka] = await Promise.all([ownPostgres(), places.kafka()]);
  const { brokers } = kafka;
  const relay = startRelay(postgres, brokers);
  const ends = [
    () => {
      relay.end();
    },
  ];
  const close = async (): Promise<void> => {
    for (const end of ends) end();
    await Promise.all([postgres.remove(), kafka.stop()]);
  };
  try {
    const variants = await prepare({ postgres, brokers, relay, onClose: (end) => ends.push(end) });
    return { variants, close };
  } catch (error) {
    await close();
    throw error;
  }
}
