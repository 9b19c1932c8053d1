import { REBALANCE_TIMEOUT_MS, SESSION_TIMEOUT_MS } from '../../mixins/inbox/group-consumer.ts';
import type { Operation, Scheduler } from '../scheduler.ts';
import { BusError } from './errors.ts';

/** A member that has joined, or is about to. */
interface Member {
  readonly id: string;
  partitions: number[];
  /** The generation that it was told of. */
  generation: number;
  session: Operation | null;
  /** Ends its join: once the group is complete, or with an error. */
  onJoined: ((error: BusError | null) => void) | null;
}

export interface Membership {
  readonly generation: number;
  readonly partitions: readonly number[];
}

export interface GroupHooks {
  /** A position was committed. */
  readonly onCommit: (partition: number, offset: number) => void;
  readonly count: (what: string) => void;
}

/**
 * A consumer group as its coordinator sees it: generations, who holds which partitions, and how far the group is.
 * A member that does not come back in time, or is silent for a session, is out, and does not know it.
 */
export class Group {
  readonly name: string;
  readonly committed = new Map<number, number>();
  readonly #scheduler: Scheduler;
  readonly #partitions: number;
  readonly #hooks: GroupHooks;
  readonly #members = new Map<string, Member>();
  #generation = 0;
  /** Its time limit, while the group waits for its members to come back. */
  #rebalance: Operation | null = null;

  constructor(name: string, partitions: number, scheduler: Scheduler, hooks: GroupHooks) {
    this.name = name;
    this.#partitions = partitions;
    this.#scheduler = scheduler;
    this.#hooks = hooks;
  }

  /** @param onJoined called when the member has its share of a new generation, or is out before */
  join(id: string, onJoined: (error: BusError | null) => void): void {
    const member = this.#members.get(id) ?? { id, partitions: [], generation: 0, session: null, onJoined: null };
    member.onJoined = onJoined;
    this.#members.set(id, member);
    if (member.session !== null) this.#scheduler.cancel(member.session);
    member.session = null;
    this.#beginRebalance();
    if ([...this.#members.values()].every((each) => each.onJoined !== null)) this.#complete();
  }

  membershipOf(id: string): Membership {
    const member = this.#member(id);
    return { generation: member.generation, partitions: member.partitions };
  }

  /** @throws BusError when the member has to join again */
  heartbeat(id: string, generation: number): void {
    const member = this.#member(id);
    if (member.generation !== generation || generation !== this.#generation) throw new BusError('ILLEGAL_GENERATION');
    this.#renewSession(member);
    if (this.#rebalance !== null) throw new BusError('REBALANCE_IN_PROGRESS');
  }

  /** @throws BusError from a member of another generation */
  commit(id: string, generation: number, positions: readonly { partition: number; offset: number }[]): void {
    const member = this.#members.get(id);
    if (member === undefined || member.generation !== generation || generation !== this.#generation) {
      this.#hooks.count('commit of offsets refused');
      throw new BusError(member === undefined ? 'UNKNOWN_MEMBER_ID' : 'ILLEGAL_GENERATION');
    }
    this.#renewSession(member);
    for (const { partition, offset } of positions) {
      this.committed.set(partition, offset);
      this.#hooks.onCommit(partition, offset);
    }
  }

  leave(id: string): void {
    if (this.#members.has(id)) this.#remove(id);
  }

  /** Some members are out at once, as if their sessions had ended; the others find out with their next word. */
  evict(isOut: () => boolean): void {
    const out = [...this.#members.keys()].filter(isOut);
    for (const id of out) this.#remove(id);
    this.#beginRebalance();
  }

  /** The whole topic comes again, or what a position back has. */
  rewind(partition: number, offset: number): void {
    this.committed.set(partition, Math.min(offset, this.committed.get(partition) ?? 0));
    this.#beginRebalance();
  }

  #member(id: string): Member {
    const member = this.#members.get(id);
    if (member === undefined) throw new BusError('UNKNOWN_MEMBER_ID');
    return member;
  }

  #renewSession(member: Member): void {
    if (member.session !== null) this.#scheduler.cancel(member.session);
    member.session = this.#scheduler.addAfter(SESSION_TIMEOUT_MS, null, `${this.name} misses ${member.id}`, () => {
      this.#hooks.count('session of a member ended');
      this.#remove(member.id);
    });
  }

  #remove(id: string): void {
    const member = this.#members.get(id);
    if (member?.session) this.#scheduler.cancel(member.session);
    this.#members.delete(id);
    member?.onJoined?.(new BusError('UNKNOWN_MEMBER_ID'));
    if (this.#members.size === 0) {
      this.#endRebalance();
      return;
    }
    this.#beginRebalance();
    if ([...this.#members.values()].every((each) => each.onJoined !== null)) this.#complete();
  }

  #beginRebalance(): void {
    if (this.#rebalance !== null || this.#members.size === 0) return;
    this.#hooks.count('rebalance');
    this.#rebalance = this.#scheduler.addAfter(REBALANCE_TIMEOUT_MS, null, `${this.name} waits no longer`, () => {
      for (const member of [...this.#members.values()]) {
        if (member.onJoined !== null) continue;
        if (member.session !== null) this.#scheduler.cancel(member.session);
        this.#members.delete(member.id);
      }
      if (this.#members.size === 0) this.#endRebalance();
      else this.#complete();
    });
  }

  #endRebalance(): void {
    if (this.#rebalance !== null) this.#scheduler.cancel(this.#rebalance);
    this.#rebalance = null;
  }

  #complete(): void {
    this.#endRebalance();
    this.#generation++;
    const members = this.#scheduler.random.shuffle([...this.#members.values()]);
    members.forEach((member, index) => {
      member.generation = this.#generation;
      member.partitions = Array.from({ length: this.#partitions }, (_, partition) => partition).filter(
        (partition) => partition % members.length === index,
      );
      const { onJoined } = member;
      member.onJoined = null;
      this.#renewSession(member);
      onJoined?.(null);
    });
  }
}
