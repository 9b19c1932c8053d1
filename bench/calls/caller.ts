import { setTimeout as sleep } from 'node:timers/promises';
import { spreadOf } from '../harness/spread.ts';
import type { ProbeResult, Reply, Request, RunResult } from './messages.ts';
import { benchBroker, type Transport } from './node.ts';

/** As large as an order's answer. */
const PARAMS = { orderId: '0198c0de-0000-7000-8000-000000000000', text: 'x'.repeat(200) };
const STALL_MS = 1000;
const PROBE_TIMEOUT_MS = 1000;
const PROBE_PAUSE_MS = 20;
const PROBES_IN_A_ROW = 10;

const [transport = 'ours', address = ''] = process.argv.slice(2);
const broker = benchBroker(transport as Transport, 'caller', address);

function reply(message: Reply): void {
  process.send?.(message);
}

/** Keeps so many calls in flight until the time is over, and waits for the last. */
async function run({ inFlight, durationMs }: Extract<Request, { kind: 'run' }>): Promise<RunResult> {
  const latenciesMs: number[] = [];
  const startedAtMs = performance.now();
  let [lost, stalls, lastAnswerAtMs] = [0, 0, startedAtMs];
  const oneAfterTheOther = async (): Promise<void> => {
    while (performance.now() - startedAtMs < durationMs) {
      const calledAtMs = performance.now();
      try {
        await broker.call('callee.echo', PARAMS);
        latenciesMs.push(performance.now() - calledAtMs);
      } catch {
        lost += 1;
      }
      if (performance.now() - lastAnswerAtMs > STALL_MS) stalls += 1;
      lastAnswerAtMs = performance.now();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, oneAfterTheOther));
  return {
    kind: 'run',
    elapsedMs: performance.now() - startedAtMs,
    answered: latenciesMs.length,
    latencyMs: spreadOf(latenciesMs),
    lost,
    stalls,
  };
}

/** Calls until Kafka was away (a call failed) and ten calls in a row have worked again. */
async function probe({ timeLimitMs }: Extract<Request, { kind: 'probe' }>): Promise<ProbeResult> {
  const startedAtMs = performance.now();
  const errorsMs: number[] = [];
  let [workedInARow, workingAtMs] = [0, 0];
  while (performance.now() - startedAtMs < timeLimitMs) {
    const calledAtMs = performance.now();
    try {
      await broker.call('callee.echo', PARAMS, { timeout: PROBE_TIMEOUT_MS });
      if (workedInARow === 0) workingAtMs = Date.now();
      workedInARow += 1;
    } catch {
      workedInARow = 0;
      errorsMs.push(performance.now() - calledAtMs);
    }
    if (errorsMs.length > 0 && workedInARow >= PROBES_IN_A_ROW) return { kind: 'probe', workingAtMs, errorsMs };
    await sleep(PROBE_PAUSE_MS);
  }
  return { kind: 'probe', workingAtMs: null, errorsMs };
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
