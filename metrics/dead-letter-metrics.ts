import { readGauge, Sources } from './readings.ts';
import { oncePerNode } from './registry.ts';

/** Open dead letters of one consumer. */
export interface OpenLetters {
  readonly consumer: string;
  /** Something is wrong with these. */
  readonly poison: number;
  /** Nothing is wrong with these: an earlier one of their aggregate is here. */
  readonly follows: number;
}

/** @returns the dead letters that the services of this node have open */
export const deadLetterMetricsOf = oncePerNode((registers) => {
  const services = new Sources<readonly OpenLetters[]>();
  readGauge(registers, {
    name: 'dead_letters',
    help: 'Open dead letters of a consumer, the first 10000 of the service: poison, or nothing but behind one (follows). The same on each node of the service.',
    labelNames: ['service', 'consumer', 'state'],
    sources: services,
    toSamples: (letters, service) =>
      letters.flatMap(({ consumer, poison, follows }) => [
        { labels: { service, consumer, state: 'poison' }, value: poison },
        { labels: { service, consumer, state: 'follows' }, value: follows },
      ]),
  });
  return { services };
});
