import { ServiceBroker } from 'moleculer';
import type { ReplCall, ReplCommand } from '../../../repl/command.ts';
import { customCommands } from '../../../repl/commands.ts';

const broker = new ServiceBroker({ logger: false });
let printed: string[];
let refused: string[];
let calls: ReplCall[];

const ping: ReplCommand = {
  name: 'ping',
  description: 'Asks whether somebody is there.',
  usage: ['<who>', '<who> --times <n>'],
  options: {
    times: { value: 'n', description: 'how often' },
    loud: { description: 'so that all can hear it' },
  },
  run(call) {
    calls.push(call);
    return call.words[0] === 'nobody' ? Promise.reject(new Error('Nobody is there.')) : Promise.resolve();
  },
};

beforeEach(() => {
  [printed, refused, calls] = [[], [], []];
  const into = (lines: string[]) => (text: string | Uint8Array) => lines.push(String(text).trimEnd()) > 0;
  jest.spyOn(process.stdout, 'write').mockImplementation(into(printed));
  jest.spyOn(process.stderr, 'write').mockImplementation(into(refused));
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** As moleculer-repl does it: commander's command, whose parent knows what was typed. */
async function type(...words: string[]): Promise<void> {
  const [custom] = customCommands([ping]);
  const typed: { parent: { rawArgs: string[] }; params?: unknown } = {
    parent: { rawArgs: ['node', 'Moleculer REPL', 'ping', ...words] },
  };
  custom?.parse(typed);
  await custom?.action(broker, typed.params);
}

test('a command gets its words, values and switches as they were typed', async () => {
  await type('007', '--times', '08', '--loud', 'carol');
  expect(calls).toMatchObject([{ words: ['007', 'carol'], values: { times: '08' }, switches: new Set(['loud']) }]);
});

test('what one use of a command was given is forgotten at the next', async () => {
  await type('alice', '--loud', '--times', '2');
  await type('alice');
  expect(calls[1]).toMatchObject({ values: {}, switches: new Set() });
});

test('an option that does not exist, or lacks its value, is a sentence, and nothing is run', async () => {
  await type('alice', '--silent');
  await type('alice', '--times');
  expect(calls).toEqual([]);
  expect(refused).toEqual([
    expect.stringMatching(/^>> Unknown option '--silent'/),
    expect.stringMatching(/^>> Option '--times <value>' argument missing/),
  ]);
});

test('what a command throws is printed as a sentence', async () => {
  await type('nobody');
  expect(refused).toEqual(['>> Nobody is there.']);
});

test('help prints every form and every option', async () => {
  await type('help');
  expect(printed).toEqual([
    [
      'Asks whether somebody is there.',
      '',
      '  ping <who>',
      '  ping <who> --times <n>',
      '',
      '  --times <n>  how often',
      '  --loud       so that all can hear it',
    ].join('\n'),
  ]);
});
