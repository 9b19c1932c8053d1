import { startMeters, type MetersOptions } from './meters.ts';

/**
 * A node of the meters' service as a process of its own, to be stopped and continued: `node meters-process.ts <options
 * as JSON>`. Says `ready` when its relay works; ends on SIGTERM.
 */
async function main(): Promise<void> {
  const node = await startMeters(JSON.parse(process.argv[2] ?? '{}') as MetersOptions);
  process.once('SIGTERM', () => {
    void node.stop().then(() => process.exit(0));
  });
  const timer = setInterval(() => {
    if (node.service.relay.stats().lanes.length === 0) return;
    clearInterval(timer);
    console.log('ready');
  }, 20);
}

void main();
