import { runLoad, type LoadPlan } from './load.ts';

/** A load in a process of its own: what it measures waits for nobody else's turn. Ends when its parent does. */
process.once('message', (plan: LoadPlan) => {
  void runLoad(plan).then((result) => {
    process.send?.(result, () => {
      process.disconnect();
    });
  });
});
process.once('disconnect', () => {
  process.exit();
});
