import { leaseNodeSlot } from '../../cluster/node-slot.ts';
import { silentLogger } from './silent-logger.ts';

/** A process that holds a slot until it is killed. */
const slot = await leaseNodeSlot({
  service: process.argv[2] ?? '',
  namespace: '',
  databaseUrl: process.argv[3] ?? '',
  logger: silentLogger,
  onTaken: () => process.exit(1),
});
process.once('disconnect', () => {
  process.exit(0);
});
process.send?.(slot.nodeId);
