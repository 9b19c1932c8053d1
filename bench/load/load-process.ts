import { runLoad, type LoadPlan, type LoadReply } from './load.ts';

/** A load in a process of its own: what it measures waits for nobody else's turn. Ends when its parent does. */
process.once('message', (plan: LoadPlan) => {
  const ended = new AbortController();
  process.once('message', () => {
    ended.abort();
  });
  const tell = (reply: LoadReply, told: () => void): void => {
    process.send?.(reply, told);
  };
  const begun = (): void => {
    tell('begun', () => undefined);
  };
  void runLoad(plan, begun, ended.signal).then((result) => {
    tell(result, () => {
      process.disconnect();
    });
  });
});
process.once('disconnect', () => {
  process.exit();
});
