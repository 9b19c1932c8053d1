import { SeenPackets } from '../../kafka/seen-packets.ts';

test('an id is new once', () => {
  const seen = new SeenPackets(10);
  expect(seen.add('a')).toBe(true);
  expect(seen.add('b')).toBe(true);
  expect(seen.add('a')).toBe(false);
});

test('the last ids are remembered for certain, those before twice as many are forgotten', () => {
  const seen = new SeenPackets(100);
  for (let id = 0; id < 1000; id += 1) expect(seen.add(`${id}`)).toBe(true);
  for (let id = 900; id < 1000; id += 1) expect(seen.add(`${id}`)).toBe(false);
  for (let id = 0; id < 800; id += 1) {
    const fresh = new SeenPackets(100);
    for (let other = id; other < 1000; other += 1) fresh.add(`${other}`);
    if (fresh.add(`${id}`)) return;
  }
  throw new Error('It forgot nothing.');
});
