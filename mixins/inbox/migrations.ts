import type { Migration } from '../database/migration.ts';
import { CREATE_ACTS_TABLES } from '../dead-letters/acts-table.ts';

/**
 * The tables that the consumer mixin needs in its service's database.
 *
 * `inbox`: one row per settled event; its key makes an effect happen once. Partitioned by the event id, which is a
 * UUIDv7 and so begins with its time; what fits no partition goes to the default one. What an order's story needs of an
 * event's way is here: its place and times, the attempts until it was settled, the times that it came again.
 * `dead_letters`: what could not be settled, and what follows it. A row stays until it is replayed or discarded.
 * `replays`: who had a span of a topic settled again, when and why, and how far it is.
 * `crash_markers`: what a node had in its hands, for the case that it died of it.
 */
export const inboxMigrations: readonly Migration[] = [
  {
    name: 'inbox-0001',
    up: `
      CREATE TABLE inbox (
        consumer      text        NOT NULL,
        event_id      uuid        NOT NULL,
        payload_hash  bytea       NOT NULL,
        topic         text        NOT NULL,
        partition     integer     NOT NULL,
        "offset"      bigint      NOT NULL,
        ce_time       timestamptz,
        kafka_time    timestamptz NOT NULL,
        received_at   timestamptz NOT NULL,
        committed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
        node          text        NOT NULL,
        PRIMARY KEY (consumer, event_id)
      ) PARTITION BY RANGE (event_id);
      CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;

      CREATE TABLE dead_letters (
        id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        consumer        text        NOT NULL,
        topic           text        NOT NULL,
        partition       integer     NOT NULL,
        "offset"        bigint      NOT NULL,
        key             bytea,
        value           bytea,
        headers         json        NOT NULL,
        kafka_time      timestamptz NOT NULL,
        event_id        uuid,
        type            text,
        aggregate_type  text,
        aggregate_id    text,
        reason          text        NOT NULL CHECK (reason IN ('undecodable', 'schema-invalid', 'refused', 'data-error',
                                                               'payload-mismatch', 'killed-the-process', 'follows')),
        error           text        NOT NULL,
        parked_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
        node            text        NOT NULL,
        UNIQUE (consumer, topic, partition, "offset")
      );
      CREATE INDEX dead_letters_of_aggregate ON dead_letters (consumer, aggregate_type, aggregate_id, id);

      CREATE TABLE crash_markers (
        consumer      text        NOT NULL,
        topic         text        NOT NULL,
        partition     integer     NOT NULL,
        first_offset  bigint      NOT NULL,
        last_offset   bigint      NOT NULL,
        alone_offset  bigint,
        attempts      integer     NOT NULL,
        node          text        NOT NULL,
        written_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (consumer, topic, partition)
      );
    `,
  },
  {
    name: 'inbox-0002-dead-letter-acts',
    up: `
      ALTER TABLE dead_letters
        ADD COLUMN attempts      integer     NOT NULL DEFAULT 0,
        ADD COLUMN attempted_at  timestamptz,
        ADD COLUMN suspect       boolean     NOT NULL DEFAULT false;
      CREATE INDEX dead_letters_of_event ON dead_letters (consumer, event_id);
      ${CREATE_ACTS_TABLES}
    `,
  },
  {
    name: 'inbox-0003-replays',
    up: `
      CREATE TABLE replays (
        replay_id    uuid        PRIMARY KEY,
        consumer     text        NOT NULL,
        topic        text        NOT NULL,
        requested_by text        NOT NULL,
        why          text        NOT NULL,
        dry_run      boolean     NOT NULL,
        request      json        NOT NULL,
        node         text        NOT NULL,
        state        text        NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'failed')),
        stop_asked   boolean     NOT NULL DEFAULT false,
        progress     json        NOT NULL,
        remark       text,
        started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
        seen_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended_at     timestamptz
      );
    `,
  },
  {
    // Null in the rows that were there: what they were through is not known. No row is written anew.
    name: 'inbox-0004-attempts',
    up: 'ALTER TABLE inbox ADD COLUMN attempts smallint, ADD COLUMN duplicates smallint',
  },
];
