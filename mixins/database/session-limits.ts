/**
 * Limits that every database session of a node sets, so that a node which is stopped, cut off or slow gives back its
 * locks by itself instead of holding up everyone else for as long as it is gone.
 */

/** Longer than any transaction here waits for another under load; a wait beyond it is a stopped holder. */
export const LOCK_TIMEOUT_MS = 4000;
/** A transaction that says nothing for this long belongs to a node that stopped in the middle of it. */
export const IDLE_IN_TRANSACTION_TIMEOUT_MS = 5000;
/** The longest that any transaction may take; needs PostgreSQL 17. */
export const TRANSACTION_TIMEOUT_MS = 15_000;
/** A peer that vanished without a word is noticed after 5 s + 3 × 3 s. */
const KEEPALIVE = { idleS: 5, intervalS: 3, probes: 3 };

/** A peer that is there but reads nothing any more (a stopped process with a full buffer) counts as gone after this long. */
const TCP_USER_TIMEOUT_MS = 9000;

/** The limits as PostgreSQL start-up options (`-c name=value …`): set with the connection, without a round trip. */
export const SESSION_LIMITS = [
  `lock_timeout=${LOCK_TIMEOUT_MS}`,
  `idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_TIMEOUT_MS}`,
  `transaction_timeout=${TRANSACTION_TIMEOUT_MS}`,
  `tcp_keepalives_idle=${KEEPALIVE.idleS}`,
  `tcp_keepalives_interval=${KEEPALIVE.intervalS}`,
  `tcp_keepalives_count=${KEEPALIVE.probes}`,
  `tcp_user_timeout=${TCP_USER_TIMEOUT_MS}`,
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/**
 * What the sessions of a pool set besides. A prepared statement gets a plan for each execution: one that was made while a
 * table was empty would stay when the table has grown.
 */
export const POOL_SETTINGS = [
  SESSION_LIMITS,
  '-c default_transaction_isolation=read\\ committed',
  '-c plan_cache_mode=force_custom_plan',
].join(' ');

/** How long a connection attempt may take. */
export const CONNECT_TIMEOUT_MS = 5000;
