import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** Before a request that waits is looked at again: kafkajs' own interval. */
const CHECK_PENDING_MS = 10;

/** Repairs what kafkajs 2.2.4 gets wrong inside, where no option reaches; once in a process. */
export function repairKafkajs(): void {
  checkPendingOnlyWhenThereAreAny();
  openOneSocketAtATime();
}

/**
 * A connection looked every millisecond for requests that wait, also when there were none (kafkajs#1556, #1704): a thousand
 * turns of the event loop a second for each connection, and with Node 24 a warning of each.
 */
function checkPendingOnlyWhenThereAreAny(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      Math.max(CHECK_PENDING_MS, this.throttledUntil - Date.now()),
    );
  };
}

/**
 * Requests that came while a connection was being opened opened a socket each, of which it kept the last: the others stayed
 * until the broker ended them, and that end was then taken for its own.
 */
function openOneSocketAtATime(): void {
  const opening = new WeakMap<Connection, Promise<true>>();
  const { connect } = Connection.prototype;
  Connection.prototype.connect = function () {
    const underWay = opening.get(this);
    if (underWay !== undefined) return underWay;
    const opened = connect.call(this).finally(() => opening.delete(this));
    opening.set(this, opened);
    return opened;
  };
}
