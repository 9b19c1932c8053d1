import { QueryTypes, type Sequelize } from 'sequelize';
import type { ReplayCounts, ReplayedPartition, ReplayInput, ReplayState } from '../../../contract/replay.ts';
import type { ReplayProgress } from './run-replay.ts';

/** A running replay says every second how far it is; one that says nothing for this long has lost its node. */
const LOST_AFTER_S = 30;

/** Who replayed what, when and why, and how far it is: one row for each replay, kept for good. */
export class ReplayRecords {
  readonly #sequelize: Sequelize;
  readonly #node: string;

  constructor(sequelize: Sequelize, node: string) {
    this.#sequelize = sequelize;
    this.#node = node;
  }

  async open(replayId: string, topic: string, input: ReplayInput): Promise<void> {
    const { consumer, by, why, dryRun, from, to, fromOffset, toOffset, partitions } = input;
    await this.#sequelize.query(
      `INSERT INTO replays (replay_id, consumer, topic, requested_by, why, dry_run, request, node, state, progress)
       VALUES ($1, $2, $3, $4, $5, $6, $7::json, $8, 'running', '{}')`,
      {
        bind: [
          replayId,
          consumer,
          topic,
          by,
          why,
          dryRun,
          JSON.stringify({ from, to, fromOffset, toOffset, partitions }),
          this.#node,
        ],
      },
    );
  }

  /** @returns whether somebody has asked it to stop */
  async note(replayId: string, progress: ReplayProgress): Promise<boolean> {
    const rows = await this.#sequelize.query<{ stop_asked: boolean }>(
      `UPDATE replays SET progress = $2::json, remark = $3, seen_at = clock_timestamp() WHERE replay_id = $1 RETURNING stop_asked`,
      { bind: [replayId, JSON.stringify(asJson(progress)), progress.waitsFor()], type: QueryTypes.SELECT },
    );
    return rows[0]?.stop_asked === true;
  }

  async close(
    replayId: string,
    progress: ReplayProgress,
    { state, remark }: { readonly state: 'done' | 'stopped' | 'failed'; readonly remark: string | null },
  ): Promise<void> {
    await this.#sequelize.query(
      `UPDATE replays SET progress = $2::json, state = $3, remark = $4, seen_at = clock_timestamp(), ended_at = clock_timestamp()
        WHERE replay_id = $1`,
      { bind: [replayId, JSON.stringify(asJson(progress)), state, remark] },
    );
  }

  /** @returns false when there is no such replay that runs */
  async askToStop(replayId: string): Promise<boolean> {
    const rows = await this.#sequelize.query(
      `UPDATE replays SET stop_asked = true WHERE replay_id = $1 AND state = 'running' RETURNING replay_id`,
      { bind: [replayId], type: QueryTypes.SELECT },
    );
    return rows.length > 0;
  }

  async find(replayId: string): Promise<ReplayState | null> {
    const [row] = await this.#sequelize.query<Row>(
      `SELECT *, state = 'running' AND seen_at < clock_timestamp() - interval '${LOST_AFTER_S} seconds' AS is_lost
         FROM replays WHERE replay_id = $1`,
      { bind: [replayId], type: QueryTypes.SELECT },
    );
    return row === undefined ? null : toState(row);
  }
}

interface Row {
  readonly replay_id: string;
  readonly consumer: string;
  readonly topic: string;
  readonly requested_by: string;
  readonly why: string;
  readonly dry_run: boolean;
  readonly node: string;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly is_lost: boolean;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly progress: Partial<{ counts: ReplayCounts; partitions: ReplayedPartition[] }>;
  readonly remark: string | null;
}

const NO_COUNTS: ReplayCounts = { fresh: 0, duplicates: 0, parked: 0, skipped: 0, olderThanInbox: 0 };

function toState(row: Row): ReplayState {
  return {
    replayId: row.replay_id,
    consumer: row.consumer,
    topic: row.topic,
    state: row.is_lost ? 'lost' : row.state,
    dryRun: row.dry_run,
    by: row.requested_by,
    why: row.why,
    node: row.node,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    counts: row.progress.counts ?? NO_COUNTS,
    partitions: row.progress.partitions ?? [],
    remark: row.remark,
  };
}

function asJson({ spans, next, counts }: ReplayProgress): { counts: ReplayCounts; partitions: ReplayedPartition[] } {
  return {
    counts: counts(),
    partitions: spans.map(({ partition, first, end }) => ({
      partition,
      first: first.toString(),
      next: (next.get(partition) ?? first).toString(),
      end: end.toString(),
    })),
  };
}
