import type { Client } from 'pg';
import { fillPayments } from '../../test/support/audited-databases.ts';
import { startFleet, type FleetNode } from '../../test/support/fleet.ts';
import { withClient } from '../harness/database.ts';

/** Payments alone: a node that is stopped, accounts with enough money for any backlog, and a database for the floor. */
export interface PaymentsRoom {
  readonly node: FleetNode;
  readonly brokers: string;
  /** The node's own database. */
  readonly url: string;
  /** The same schema with the same accounts, of which the node knows nothing. */
  readonly floorUrl: string;
  readonly users: readonly string[];
  stop(): Promise<void>;
}

/** More than a batch has orders: hardly two of one account in it. */
const ACCOUNTS = 1000;
const [PAYMENTS, FLOOR] = ['payments', 'floor'];

/** Starts PostgreSQL and Kafka, lets the node make schema and topics, and stops it. */
export async function openPaymentsRoom(): Promise<PaymentsRoom> {
  const fleet = await startFleet({ payments: 1 }, { isForLong: true, startNodes: false });
  const { postgres, kafka } = fleet;
  try {
    const node = fleet.nodes[0];
    if (node === undefined) throw new Error('A fleet of one node has a node.');
    await node.start();
    await node.stop();
    const users = await withClient(postgres.urlOf(PAYMENTS), openAccounts);
    await withClient(postgres.urlOf('postgres'), (client) =>
      client.query(`CREATE DATABASE ${FLOOR} TEMPLATE ${PAYMENTS}`),
    );
    return {
      node,
      brokers: kafka.brokers,
      url: postgres.urlOf(PAYMENTS),
      floorUrl: postgres.urlOf(FLOOR),
      users,
      stop: () => fleet.stop(),
    };
  } catch (error) {
    await fleet.stop();
    throw error;
  }
}

/** With a deposit and its entry each. */
async function openAccounts(client: Client): Promise<string[]> {
  await fillPayments(client, { accounts: ACCOUNTS, orders: 0, hotPercent: 0 });
  const { rows } = await client.query<{ user_id: string }>('SELECT user_id FROM accounts ORDER BY user_id');
  return rows.map(({ user_id }) => user_id);
}
