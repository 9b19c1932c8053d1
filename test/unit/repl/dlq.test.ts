import { ServiceBroker } from 'moleculer';
import type { ActReport } from '../../../contract/dead-letters.ts';
import { readTyped } from '../../../repl/command.ts';
import { dlq } from '../../../repl/dlq/dlq.ts';

let broker: ServiceBroker;
let asked: [action: string, params: unknown][];
let reports: ActReport[];

const REPORT: ActReport = {
  ...{ act: '7', what: 'replay', dryRun: true, counts: { settled: 1 }, letters: [] },
  ...{ more: false, after: '1', note: null },
};

beforeEach(async () => {
  [asked, reports] = [[], [REPORT]];
  broker = new ServiceBroker({ logger: false });
  const handler =
    (action: string, answer: () => unknown) =>
    (ctx: { params: unknown }): unknown => {
      asked.push([action, ctx.params]);
      return answer();
    };
  const report = (): unknown => reports.shift();
  broker.createService({
    name: 'payments',
    actions: {
      'deadLetters.list': handler('list', () => ({ total: 0, letters: [], after: null })),
      'deadLetters.count': handler('count', () => [{ side: 'consumer', consumer: 'a.b', count: 0, oldest: null }]),
      'deadLetters.replay': handler('replay', report),
      'deadLetters.discard': handler('discard', report),
    },
  });
  await broker.start();
});

afterEach(() => broker.stop());

async function type(...words: string[]): Promise<string[]> {
  const printed: string[] = [];
  const print = (text: string): unknown => printed.push(text);
  await dlq.run({ broker, print, onInterrupt: null, ...readTyped(dlq, words) });
  return printed;
}

test('a replay is a dry run until --yes; --reason is why, and --cause a filter', async () => {
  const printed = await type('replay', 'payments', '--cause', 'refused', '--by', 'ann', '--reason', 'released');
  const params = { reason: 'refused', by: 'ann', why: 'released', force: false };
  expect(asked).toEqual([['replay', { ...params, dryRun: true }]]);
  expect(printed.at(-1)).toBe('Nothing was changed. To do it, add --yes.');
  reports = [{ ...REPORT, dryRun: false }];
  await type('replay', 'payments', '--cause', 'refused', '--by', 'ann', '--reason', 'released', '--yes');
  expect(asked.at(-1)).toEqual(['replay', { ...params, dryRun: false }]);
});

test('an act without who or why is refused before anybody is asked', async () => {
  await expect(type('discard', 'payments', '5', '--by', 'ann', '--yes')).rejects.toThrow('--by <who> --reason <why>');
  await expect(type('discard', 'payments', '5', '--reason', 'stray', '--yes')).rejects.toThrow('recorded');
  expect(asked).toEqual([]);
});

test('a list is not filtered by why somebody acts', async () => {
  await expect(type('list', 'payments', '--reason', 'refused')).rejects.toThrow('filtered by --cause');
  expect(asked).toEqual([]);
});

test('as JSON there is one document in a line for each answer, and nothing else', async () => {
  expect((await type('list', 'payments', '--json')).map((line): unknown => JSON.parse(line))).toEqual([
    { total: 0, letters: [], after: null },
  ]);
  expect((await type('--json')).map((line): unknown => JSON.parse(line))).toEqual([
    [{ service: 'payments', side: 'consumer', consumer: 'a.b', count: 0, oldest: null }],
  ]);
  reports = [
    { ...REPORT, dryRun: false, more: true },
    { ...REPORT, dryRun: false, after: '2' },
  ];
  const acted = await type('replay', 'payments', '--all', '--by', 'ann', '--reason', 'why', '--yes', '--json');
  expect(acted.map((line): unknown => JSON.parse(line))).toEqual([
    { ...REPORT, dryRun: false, more: true },
    { ...REPORT, dryRun: false, after: '2' },
  ]);
});
