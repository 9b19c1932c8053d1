import type { ReplayInput } from '../../../contract/replay.ts';
import type { Admin } from '../../../kafka/client.ts';

/** The records of one partition that a replay reads: from the first offset, up to but without the end. */
export interface PartitionSpan {
  readonly partition: number;
  readonly first: bigint;
  readonly end: bigint;
}

/** What a replay is asked for. */
export type SpanRequest = Pick<ReplayInput, 'from' | 'to' | 'fromOffset' | 'toOffset' | 'partitions'>;

/** What Kafka has of a partition, and where times lie in it. */
export interface PartitionOffsets {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
  /** Offset of the first record at `from` or later; null when nobody asked. */
  readonly atFrom: bigint | null;
  readonly atTo: bigint | null;
}

/**
 * Which offsets a request means: within what Kafka has, and never beyond what it had when it was asked. Pure.
 *
 * @throws Error with a sentence, when the topic has no such partition
 */
export function spanOf(request: SpanRequest, topic: string, offsets: readonly PartitionOffsets[]): PartitionSpan[] {
  const wanted = request.partitions ?? offsets.map(({ partition }) => partition);
  return wanted.map((partition) => {
    const found = offsets.find((each) => each.partition === partition);
    if (found === undefined) throw new Error(`Topic ${topic} has no partition ${partition}.`);
    const { low, high, atFrom, atTo } = found;
    const within = (offset: bigint): bigint => (offset < low ? low : offset > high ? high : offset);
    const first = within(request.fromOffset === null ? (atFrom ?? low) : BigInt(request.fromOffset));
    const end = within(request.toOffset === null ? (atTo ?? high) : BigInt(request.toOffset));
    return { partition, first, end: end < first ? first : end };
  });
}

/** Asks Kafka for the offsets of a span. @param admin a connected admin client */
export async function readSpan(admin: Admin, topic: string, request: SpanRequest): Promise<PartitionSpan[]> {
  const at = async (time: string | null): Promise<Map<number, bigint> | null> => {
    if (time === null) return null;
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, Date.parse(time));
    return new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]));
  };
  // The times first: what arrives between the questions only moves the end.
  const [atFrom, atTo] = [await at(request.from), await at(request.to)];
  const ends = await admin.fetchTopicOffsets(topic);
  const offsets = ends.map(({ partition, low, high }) => ({
    partition,
    low: BigInt(low),
    high: BigInt(high),
    atFrom: atFrom?.get(partition) ?? null,
    atTo: atTo?.get(partition) ?? null,
  }));
  return spanOf(
    request,
    topic,
    offsets.sort((one, other) => one.partition - other.partition),
  );
}
