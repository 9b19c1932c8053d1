import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeResult, Reply, Request, RunResult } from './messages.ts';
import { benchBroker, type Variant } from './node.ts';

/** As large as an order's answer. */
const PARAMS = { orderId: '0198c0de-0000-7000-8000-000000000000', text: 'x'.repeat(200) };
const STALL_MS = 1000;
const PROGRESS_INTERVAL_MS = 250;
const PROBE_TIMEOUT_MS = 1000;
const PROBE_PAUSE_MS = 20;
const PROBES_IN_A_ROW = 10;
/** A client's error may list every broker and attempt. */
const LONGEST_ERROR = 40;

const [variant = 'ours', kafka = ''] = process.argv.slice(2);
const broker = benchBroker(variant as Variant, 'caller', kafka);

function reply(message: Reply): void {
  process.send?.(message);
}

/** Keeps so many calls in flight until all are made, or the time limit is there. */
async function run(request: Extract<Request, { kind: 'run' }>): Promise<RunResult> {
  const latenciesMs: number[] = [];
  const stallsMs: number[] = [];
  const startedAt = performance.now();
  let [made, lost, lastAnswerAt] = [0, 0, startedAt];
  const progress = setInterval(() => {
    reply({ answered: latenciesMs.length });
  }, PROGRESS_INTERVAL_MS);
  const oneAfterTheOther = async (): Promise<void> => {
    while (made < request.calls && performance.now() - startedAt < request.timeLimitMs) {
      made += 1;
      const calledAt = performance.now();
      try {
        await broker.call('callee.echo', PARAMS);
        latenciesMs.push(performance.now() - calledAt);
      } catch {
        lost += 1;
      }
      const silentMs = performance.now() - lastAnswerAt;
      if (silentMs > STALL_MS) stallsMs.push(silentMs);
      lastAnswerAt = performance.now();
    }
  };
  await Promise.all(Array.from({ length: request.inFlight }, oneAfterTheOther));
  clearInterval(progress);
  const elapsedMs = performance.now() - startedAt;
  return { kind: 'run', elapsedMs, latenciesMs, lost, unmade: request.calls - made, stallsMs };
}

/** Calls until Kafka was away (a call failed) and ten calls in a row have worked again. */
async function probe({ timeLimitMs }: Extract<Request, { kind: 'probe' }>): Promise<ProbeResult> {
  const startedAt = performance.now();
  const errorsMs: number[] = [];
  const errors: Record<string, number> = {};
  let [workedInARow, workingAtMs] = [0, 0];
  while (performance.now() - startedAt < timeLimitMs) {
    const calledAt = performance.now();
    try {
      await broker.call('callee.echo', PARAMS, { timeout: PROBE_TIMEOUT_MS });
      if (workedInARow === 0) workingAtMs = Date.now();
      workedInARow += 1;
    } catch (error) {
      workedInARow = 0;
      errorsMs.push(performance.now() - calledAt);
      const type = (error as { type?: string }).type ?? String(error).slice(0, LONGEST_ERROR);
      errors[type] = (errors[type] ?? 0) + 1;
    }
    const isBack = errorsMs.length > 0 && workedInARow >= PROBES_IN_A_ROW;
    if (isBack) return { kind: 'probe', workingAtMs, failed: errorsMs.length, medianErrorMs: middle(errorsMs), errors };
    await sleep(PROBE_PAUSE_MS);
  }
  return { kind: 'probe', workingAtMs: null, failed: errorsMs.length, medianErrorMs: middle(errorsMs), errors };
}

function middle(numbers: readonly number[]): number | null {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? null;
}

process.once('disconnect', () => {
  process.exit(0);
});
process.on('message', (request: Request) => {
  const answer = request.kind === 'run' ? run(request) : probe(request);
  void answer.then(reply);
});
await broker.start();
await broker.waitForServices('callee');
reply({ ready: true });
