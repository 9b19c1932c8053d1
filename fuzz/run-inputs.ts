import fc, { type Arbitrary } from 'fast-check';
import type { Connection } from './connection.ts';
import { CALLS, OTHERS, type Endpoint } from './endpoints.ts';
import { mayChange, showRequest, type Door, type FuzzCase } from './fuzz-case.ts';
import { inParallel } from './in-parallel.ts';
import { checkReply } from './oracle/check-reply.ts';
import { differences, takeSnapshot, untilQuiet, type Databases } from './snapshot.ts';
import type { Violations } from './violations.ts';
import type { World } from './world.ts';

export interface InputsRun {
  readonly inputs: number;
  readonly seed: number;
  readonly world: World;
  /** One for each door and line: as many lines are in flight. */
  readonly lines: readonly Readonly<Record<Door, Connection>>[];
  readonly databases: Databases;
  readonly violations: Violations;
  /** One more is answered. */
  readonly onAnswered: () => void;
  /** Asked between batches: true ends the run with what it has. */
  readonly isStopping: () => boolean;
}

export interface InputsResult {
  /** How many answers of each status, by endpoint. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** How often the databases were compared, and after how many inputs that may change nothing. */
  readonly comparisons: number;
  readonly inputsWithoutEffect: number;
  /** Without the comparisons. */
  readonly tookMs: number;
}

/** Long enough that the comparison of whole databases costs little, short enough to say where to look. */
const BATCH_INPUTS = 20_000;
const BATCHES_MIN = 4;
/** Of one endpoint in a row: few, so that those which wait for the end of their connection do not take every line. */
const CHUNK_INPUTS = 10;
/** For one of the other addresses and of garbage, which waits for the end of its connection. */
const CHUNKS_OF_A_CALL = 6;

interface Source {
  readonly endpoint: Endpoint;
  readonly door: Door;
  readonly any: Arbitrary<FuzzCase>;
  /** Only what may change nothing. */
  readonly harmless: Arbitrary<FuzzCase>;
}

/** Sends generated inputs: batches of everything, and between them batches of what may change nothing. */
export async function runInputs(run: InputsRun): Promise<InputsResult> {
  const sources = makeSources(run.world);
  const answers = new Map<string, Map<string, number>>();
  const batchInputs = Math.max(1, Math.min(BATCH_INPUTS, Math.ceil(run.inputs / BATCHES_MIN)));
  let [sent, chunk, comparisons, inputsWithoutEffect, tookMs] = [0, 0, 0, 0, 0];
  for (let batch = 0; sent < run.inputs && !run.isStopping(); batch++) {
    const count = Math.min(batchInputs, run.inputs - sent);
    const isHarmless = batch % 2 === 1;
    const before = isHarmless ? await untilQuiet(run.databases) : null;
    const startedAt = performance.now();
    await inParallel(run.lines.length, generate(run.seed, sources, chunk, count, isHarmless), (input, line) =>
      sendOne(run, answers, input, line),
    );
    tookMs += performance.now() - startedAt;
    if (before !== null) {
      comparisons += 1;
      inputsWithoutEffect += count;
      const faults = differences(before, await takeSnapshot(run.databases));
      if (faults.length > 0) {
        run.violations.add({
          where: `inputs ${sent} to ${sent + count}`,
          faults,
          input: 'one that may change nothing',
        });
      }
    }
    sent += count;
    chunk += Math.ceil(count / CHUNK_INPUTS);
  }
  return { answers, comparisons, inputsWithoutEffect, tookMs };
}

function makeSources(world: World): Source[] {
  const sourcesOf = (endpoint: Endpoint): Source[] =>
    endpoint.doors.map((door) => {
      const any = endpoint.cases(world, door);
      return { endpoint, door, any, harmless: any.filter((input) => !mayChange(input)) };
    });
  const calls = CALLS.flatMap(sourcesOf);
  return [...OTHERS.flatMap(sourcesOf), ...Array.from({ length: CHUNKS_OF_A_CALL }, () => calls).flat()];
}

interface Numbered {
  readonly input: FuzzCase;
  /** Generates its chunk again. */
  readonly seed: number;
}

/** A chunk at a time is in memory. */
function* generate(
  seed: number,
  sources: readonly Source[],
  firstChunk: number,
  count: number,
  isHarmless: boolean,
): Generator<Numbered> {
  for (let made = 0, chunk = firstChunk; made < count; chunk++) {
    const source = sources[chunk % sources.length];
    if (source === undefined) throw new Error('There is no endpoint.');
    const chunkSeed = (seed + chunk) | 0;
    const numRuns = Math.min(CHUNK_INPUTS, count - made);
    const cases = fc.sample(isHarmless ? source.harmless : source.any, { seed: chunkSeed, numRuns });
    for (const input of cases) yield { input, seed: chunkSeed };
    made += numRuns;
  }
}

async function sendOne(
  { lines, violations, onAnswered }: InputsRun,
  answers: Map<string, Map<string, number>>,
  { input, seed }: Numbered,
  line: number,
): Promise<void> {
  const connection = lines[line]?.[input.door];
  if (connection === undefined) throw new Error(`Line ${line} has no connection.`);
  const reply = await connection.send(input.request);
  const faults = checkReply(input, reply);
  if (faults.length > 0) {
    const where = `${input.endpoint} at ${input.door}, chunk seed ${seed}`;
    violations.add({ where, faults, input: showRequest(input.request) });
  }
  const status = reply.kind === 'none' ? 'no answer' : String(reply.answers[0]?.status);
  const counts = answers.get(input.endpoint) ?? new Map<string, number>();
  answers.set(input.endpoint, counts.set(status, (counts.get(status) ?? 0) + 1));
  onAnswered();
}
