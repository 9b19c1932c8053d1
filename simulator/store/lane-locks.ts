/** A session that takes part. */
export interface LaneMember {
  endAtServer(why: string): void;
}

/** The advisory locks of relays: who takes part, and who holds which lane. */
export class LaneLocks {
  readonly members = new Set<LaneMember>();
  readonly holders = new Map<number, LaneMember>();

  /** A session ends, and with it everything that it held. */
  leave(member: LaneMember): void {
    this.members.delete(member);
    for (const [lane, holder] of [...this.holders]) if (holder === member) this.holders.delete(lane);
  }
}
