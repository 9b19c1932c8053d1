/**
 * The tables of acts on dead letters: part of the schema of both mixins, whichever comes first.
 *
 * `dead_letter_acts`: who did what to which, when and why. `in_hand` are the letters that an act is trying at the
 * moment, written before: an act without an end names what the process may have died of.
 * `dead_letter_act_letters`: what became of each letter. Dry runs leave none.
 */
export const CREATE_ACTS_TABLES = `
  CREATE TABLE IF NOT EXISTS dead_letter_acts (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    side        text        NOT NULL,
    what        text        NOT NULL,
    dry_run     boolean     NOT NULL,
    by_whom     text        NOT NULL,
    why         text        NOT NULL,
    selection   json        NOT NULL,
    node        text        NOT NULL,
    began_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    in_hand     bigint[]    NOT NULL DEFAULT '{}',
    in_hand_at  timestamptz,
    ended_at    timestamptz,
    outcome     text,
    error       text,
    counts      json
  );
  CREATE INDEX IF NOT EXISTS dead_letter_acts_open ON dead_letter_acts (side) WHERE ended_at IS NULL;
  CREATE TABLE IF NOT EXISTS dead_letter_act_letters (
    act_id      bigint      NOT NULL REFERENCES dead_letter_acts,
    letter_id   bigint      NOT NULL,
    consumer    text,
    place       text        NOT NULL,
    event_id    uuid,
    type        text,
    aggregate   text,
    outcome     text        NOT NULL,
    detail      text,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (act_id, letter_id)
  );`;
