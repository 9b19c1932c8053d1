import type { Sequelize } from 'sequelize';
import type { Acts } from '../../dead-letters/acts.ts';
import type { LettersTable } from './letters-table.ts';

/**
 * Draws the conclusion from acts whose process ended in the middle: a letter that was in hand alone counts as the one
 * that killed it, as a record from the topic would; of several each is tried alone from now on.
 */
export async function closeInterrupted(sequelize: Sequelize, acts: Acts, table: LettersTable): Promise<void> {
  await sequelize.transaction(async (transaction) => {
    const interrupted = await acts.interrupted(transaction);
    if (interrupted.length === 0) return;
    for (const { id, inHand } of interrupted) {
      const [alone] = inHand;
      if (alone !== undefined && inHand.length === 1) await table.blame(alone, id, transaction);
      else if (inHand.length > 1) await table.suspect(inHand, transaction);
    }
    await acts.closeInterrupted(
      interrupted.map(({ id }) => id),
      transaction,
    );
  });
}
