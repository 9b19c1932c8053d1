import { QueryTypes, type Sequelize } from 'sequelize';
import { LANE_ROWS_CAP, type LaneState, type OutboxState } from '../../contract/node-states.ts';
import { errorText } from '../../problems/error-text.ts';
import { readBounded } from '../database/read-bounded.ts';
import type { RelayStats } from './relay-stats.ts';

/** A lane's holder is a session with the lock (the outbox's oid, lane). */
const LANES = `
  SELECT l.lane, waiting.rows::int AS rows, parked.rows::int AS parked,
    extract(epoch FROM clock_timestamp() - waiting.oldest)::float8 * 1000 AS "oldestAgeMs",
    EXISTS (
      SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted
        AND classid = 'outbox'::regclass::oid AND objid = l.lane::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS held
  FROM generate_series(0, $1::int - 1) AS l (lane)
  CROSS JOIN LATERAL (
    SELECT count(*) AS rows, min(created_at) AS oldest
    FROM (SELECT created_at FROM outbox WHERE lane = l.lane ORDER BY id LIMIT ${LANE_ROWS_CAP}) AS first
  ) AS waiting
  CROSS JOIN LATERAL (
    SELECT count(*) AS rows FROM (SELECT FROM outbox_parked WHERE lane = l.lane LIMIT ${LANE_ROWS_CAP}) AS first
  ) AS parked
  ORDER BY l.lane`;

interface LaneRow {
  readonly lane: number;
  readonly rows: number;
  readonly parked: number;
  readonly oldestAgeMs: number | null;
  readonly held: boolean;
}

/**
 * What waits in the lanes that a node holds, and in those that nobody holds: counted now, in bounded time. When the
 * database does not answer, the answer is what the relay has seen last, and says so.
 */
export async function outboxState(of: {
  readonly nodeId: string;
  readonly service: string;
  readonly sequelize: Sequelize;
  readonly lanes: number;
  readonly relay: RelayStats;
}): Promise<OutboxState> {
  const { nodeId, service, lanes, relay } = of;
  const own = { nodeId, service, lanes, heldLanes: relay.lanes };
  try {
    const rows = await readLanes(of.sequelize, lanes);
    const held = rows.filter(({ lane }) => relay.lanes.includes(lane));
    return {
      ...own,
      backlogRows: held.reduce((sum, { rows: waiting }) => sum + waiting, 0),
      capped: held.some(({ rows: waiting }) => waiting === LANE_ROWS_CAP),
      oldestAgeMs: held.reduce<number | null>((oldest, { oldestAgeMs }) => older(oldest, oldestAgeMs), null),
      parkedRows: held.reduce((sum, { parked }) => sum + parked, 0),
      trouble: relay.trouble,
      byLane: held.map(toState),
      unheldLanes: rows.filter((row) => !row.held && !held.includes(row)).map(toState),
    };
  } catch (error) {
    return {
      ...own,
      backlogRows: relay.backlog,
      capped: false,
      oldestAgeMs: relay.backlog === 0 ? null : Math.round(relay.oldestAgeMs),
      parkedRows: null,
      trouble: `${relay.trouble === null ? '' : `${relay.trouble}; `}the database did not count in time, so this is what the relay saw last: ${errorText(error)}`,
      byLane: [],
      unheldLanes: [],
    };
  }
}

function readLanes(sequelize: Sequelize, lanes: number): Promise<LaneRow[]> {
  return readBounded(sequelize, (transaction) =>
    sequelize.query<LaneRow>(LANES, { bind: [lanes], transaction, type: QueryTypes.SELECT }),
  );
}

function older(one: number | null, other: number | null): number | null {
  const ages = [one, other].flatMap((age) => age ?? []);
  return ages.length === 0 ? null : Math.round(Math.max(...ages));
}

function toState({ lane, rows, oldestAgeMs }: LaneRow): LaneState {
  return { lane, rows, oldestAgeMs: older(oldestAgeMs, null) };
}
