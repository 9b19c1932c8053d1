/**
 * What a node says of its share of the outbox and of the topics: `<service>.outbox.state` and `<service>.consumers.state`,
 * for operators, no part of the REST contract. Every node answers for itself alone: whoever wants all of a service asks each
 * of its nodes, by `nodeID`.
 */

/** A lane of the outbox, and what waits in it. */
export interface LaneState {
  readonly lane: number;
  /** Events that wait, counted up to `LANE_ROWS_CAP`: that number means "or more". */
  readonly rows: number;
  /** Age of the oldest of them, milliseconds; null when none waits. */
  readonly oldestAgeMs: number | null;
}

/** Beyond it a lane is not counted. */
export const LANE_ROWS_CAP = 10_000;

/** The outbox as one node of a service sees it. */
export interface OutboxState {
  readonly nodeId: string;
  readonly service: string;
  /** In how many lanes the service's outbox is divided. */
  readonly lanes: number;
  /** Those whose events leave through this node. */
  readonly heldLanes: readonly number[];
  /** Events that wait in the lanes held here; a lower bound when `capped`. */
  readonly backlogRows: number;
  /** True when a lane has more than was counted. */
  readonly capped: boolean;
  /** Age of the oldest event that waits in the lanes held here, milliseconds; null when none waits. */
  readonly oldestAgeMs: number | null;
  /** Events set aside, of the lanes held here; null when they could not be counted. */
  readonly parkedRows: number | null;
  /** What keeps events in the outbox, or the question from its answer, as a sentence; null when nothing does. */
  readonly trouble: string | null;
  /** The lanes held here, each. */
  readonly byLane: readonly LaneState[];
  /** Lanes that no node of the service holds just now: the same answer from every node. */
  readonly unheldLanes: readonly LaneState[];
}

/** A partition that a node holds. */
export interface PartitionState {
  readonly partition: number;
  /** Records behind the last one that is settled, as decimal digits; null when Kafka did not say. */
  readonly lag: string | null;
  /** Age of the oldest record that was fetched and is not settled, milliseconds; null when none is in hand. */
  readonly ageMs: number | null;
}

/** One consumer of a node. */
export interface ConsumerState {
  /** `service.consumer` */
  readonly consumer: string;
  readonly groupId: string;
  readonly topic: string;
  /** How many partitions the topic has. */
  readonly partitionCount: number;
  /** Those that this node holds; none while it joins its group. */
  readonly partitions: readonly PartitionState[];
  /** How far the whole group is behind, in each partition of the topic; empty when Kafka did not say. */
  readonly groupLag: readonly { readonly partition: number; readonly lag: string }[];
  /** Events that the handler was given since the node started. */
  readonly settled: number;
  /** Events that were settled before, and were delivered again. */
  readonly duplicates: number;
  /** Records of a type that the consumer does not know. */
  readonly skipped: number;
  /** New dead letters since the node started. */
  readonly deadLetters: number;
  /** What it waits for, as a sentence; null when it is at work. */
  readonly trouble: string | null;
}

/** The consumers of one node of a service. */
export interface ConsumersState {
  readonly nodeId: string;
  readonly service: string;
  readonly consumers: readonly ConsumerState[];
}
