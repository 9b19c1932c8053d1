import type { ReplCommand } from '../../../repl/command.ts';
import { Completion } from '../../../repl/completion.ts';

const fruit: ReplCommand = {
  name: 'fruit',
  description: 'Fruit.',
  usage: ['list <tree>', 'pick <id> [--json]', '[--json]'],
  options: { json: { description: 'for a machine' } },
  run: () => Promise.resolve(),
};
const ID = '0193b5a0-7c1e-7a2b-8c3d-ffffffffffff';

test('verbs, options and the ids of the last listing are completed to whole lines', () => {
  const completion = new Completion([fruit]);
  expect(completion.complete('fruit ')).toEqual([['fruit list', 'fruit pick', 'fruit help', 'fruit --json'], 'fruit ']);
  expect(completion.complete('fruit p')).toEqual([['fruit pick'], 'fruit p']);
  completion.remember(`an apple ${ID}, and again ${ID}`);
  completion.remember('nothing');
  expect(completion.complete('fruit pick 01')).toEqual([[`fruit pick ${ID}`], 'fruit pick 01']);
  expect(completion.complete('fruit pick --')).toEqual([['fruit pick --json'], 'fruit pick --']);
});

test('what is none of these commands is left to others', () => {
  const completion = new Completion([fruit]);
  expect(completion.complete('fru')).toBeNull();
  expect(completion.complete('call orders')).toBeNull();
});
