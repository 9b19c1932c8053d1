import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplayInput, ReplayState } from '../contract/replay.ts';
import type { ReplCall, ReplCommand } from './command.ts';

/** Between two looks at a replay that runs. */
const LOOK_EVERY_MS = 1000;

/** `replay`: starts `<service>.replay` and says how far it is until it ends. */
export const replay: ReplCommand = {
  name: 'replay',
  description: 'settles a span of a topic again in its consumer: what was done is not done again',
  usage: [
    '<service.consumer> --by <who> --reason <why> [--from <time>] [--to <time>] [--dry-run]',
    '<service.consumer> --by <who> --reason <why> --partitions 0,3 [--from-offset <n>] [--to-offset <n>]',
    'show <service> <replay id>',
    'stop <service> <replay id>',
  ],
  options: {
    from: { value: 'time', description: 'records since then, such as 2026-11-23T07:00:00Z; from the first one' },
    to: { value: 'time', description: 'records before then; up to the last one that there is now' },
    'from-offset': { value: 'n', description: 'instead of a time: the first offset, of each partition' },
    'to-offset': { value: 'n', description: 'instead of a time: the offset after the last one' },
    partitions: { value: 'list', description: 'such as 0,3; all of them' },
    'dry-run': { description: 'only counts what would be done' },
    by: { value: 'who', description: 'for the record' },
    reason: { value: 'why', description: 'for the record' },
    json: { description: 'what it came to, as one JSON document' },
  },
  async run(call) {
    const [first = '', service = '', replayId = ''] = call.words;
    const isJson = call.switches.has('json');
    if (first === 'show' || first === 'stop') {
      const shown = await ask(call, `${service}.replay.${first}`, { replayId });
      call.print(isJson ? JSON.stringify(shown) : describe(shown));
      return;
    }
    let state = await start(call, first);
    if (!isJson) {
      call.print(`replay ${state.replayId}: replay stop ${first.split('.')[0] ?? ''} ${state.replayId} ends it`);
    }
    while (state.state === 'running') {
      if (!isJson) call.print(describe(state));
      await sleep(LOOK_EVERY_MS);
      state = await ask(call, `${first.split('.')[0] ?? ''}.replay.show`, { replayId: state.replayId });
    }
    call.print(isJson ? JSON.stringify(state) : describe(state));
  },
};

function start(call: ReplCall, consumer: string): Promise<ReplayState> {
  const { values, switches } = call;
  const [service = '', name = ''] = consumer.split('.');
  if (service === '' || name === '') throw new Error('Name the consumer in full: replay payments.pay …');
  const request: Partial<ReplayInput> = {
    consumer,
    from: values['from'] ?? null,
    to: values['to'] ?? null,
    fromOffset: values['from-offset'] ?? null,
    toOffset: values['to-offset'] ?? null,
    partitions: values['partitions'] === undefined ? null : values['partitions'].split(',').map(toNumber),
    dryRun: switches.has('dry-run'),
    ...(values['by'] !== undefined && { by: values['by'] }),
    ...(values['reason'] !== undefined && { why: values['reason'] }),
  };
  return ask(call, `${service}.replay`, request);
}

function toNumber(typed: string): number {
  if (!/^\d{1,4}$/.test(typed.trim())) throw new Error(`--partitions names "${typed}"; it is a list such as 0,3.`);
  return Number(typed);
}

async function ask(call: ReplCall, action: string, params: object): Promise<ReplayState> {
  try {
    return await call.broker.call<ReplayState, object>(action, params);
  } catch (error) {
    throw new Error(sentenceOf(error), { cause: error });
  }
}

/** The problem with each field that is wrong. */
function sentenceOf(error: unknown): string {
  const { message, data } = error as { message: string; data?: { errors?: { pointer: string; detail: string }[] } };
  const fields = (data?.errors ?? []).map(({ pointer, detail }) => `\n   ${pointer}: ${detail}`);
  return message + fields.join('');
}

function describe({ state, dryRun, counts, partitions, remark }: ReplayState): string {
  const left = partitions.reduce((sum, { next, end }) => sum + BigInt(end) - BigInt(next), 0n);
  const { fresh, duplicates, parked, skipped } = counts;
  return (
    `${state}${dryRun ? ' (dry run)' : ''}: ${fresh} new, ${duplicates} done before, ${parked} dead letters, ${skipped} of no concern; ` +
    `${left} records to go${remark === null ? '' : `; ${remark}`}`
  );
}
