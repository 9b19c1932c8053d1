import type { EventSchemas } from '../../events/envelope.ts';
import type { ReceivedEvent } from '../../events/event.ts';
import type { Logger } from '../../kafka/client.ts';
import type { OutboxRules } from '../../mixins/outbox/outbox-row.ts';
import type { Group } from '../bus/group.ts';
import type { SimulatedPublisherOptions } from '../bus/publisher.ts';
import type { Topic } from '../bus/topic.ts';
import type { FaultDice } from '../fault-dice.ts';
import type { ProcessClock } from '../process-clock.ts';
import type { Process, Scheduler } from '../scheduler.ts';
import type { Transaction } from '../store/database.ts';
import type { ServiceDatabase } from '../store/service-database.ts';

/** A service: what all its nodes share. */
export interface SimulatedService {
  readonly name: 'orders' | 'payments';
  readonly database: ServiceDatabase;
  readonly outbox: OutboxRules;
  readonly output: Topic;
  readonly input: {
    readonly consumer: string;
    readonly topic: Topic;
    readonly group: Group;
    readonly schemas: EventSchemas;
    handle(events: ReceivedEvent[], transaction: Transaction, parts: NodeParts): Promise<void>;
  };
}

/** One process of a service's node, from its start to its death. */
export interface NodeParts {
  readonly service: SimulatedService;
  readonly process: Process;
  readonly clock: ProcessClock;
  readonly scheduler: Scheduler;
  readonly dice: FaultDice;
  readonly lanes: number;
  readonly publishing: SimulatedPublisherOptions;
  readonly logger: Logger;
  readonly count: (what: string) => void;
  readonly newId: () => string;
}
