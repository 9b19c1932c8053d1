import { QueryTypes, type Sequelize } from 'sequelize';

/**
 * Makes sure that this node divides keys into lanes as all others did and do: the first node writes the count down.
 *
 * @throws Error when the database has another count: the same key would be in two lanes, and lose its order
 */
export async function assertLaneCount(sequelize: Sequelize, lanes: number): Promise<void> {
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 1024) {
    throw new Error(`The outbox is set to ${lanes} lanes; it has to be a whole number from 1 to 1024.`);
  }
  await sequelize.query('INSERT INTO outbox_settings (lanes) VALUES ($1) ON CONFLICT DO NOTHING', { bind: [lanes] });
  const [settings] = await sequelize.query<{ lanes: number }>('SELECT lanes FROM outbox_settings', {
    type: QueryTypes.SELECT,
  });
  if (settings?.lanes === lanes) return;
  throw new Error(
    `The outbox in this database has ${settings?.lanes ?? 'no'} lanes, this node is set to ${lanes}: one key would be in ` +
      `two lanes and lose its order. Set the node to ${settings?.lanes ?? lanes}; or stop all nodes of the service, wait ` +
      `until the table outbox is empty, and change outbox_settings.lanes.`,
  );
}
