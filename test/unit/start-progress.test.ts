import { Progress } from '../../start/progress.ts';

const CONTROL = /[\x1b\r]/;

function written(isTTY: boolean, env: Record<string, string>): { progress: Progress; text: () => string } {
  const parts: string[] = [];
  const stream = { isTTY, columns: 40, write: (text: string) => parts.push(text) };
  return { progress: new Progress(stream, env), text: () => parts.join('') };
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** A step that takes 12 s. */
async function longStep(progress: Progress): Promise<void> {
  const step = progress.step(
    'Kafka',
    'waiting for its first answer',
    () => new Promise<void>((resolve) => setTimeout(resolve, 12_000)),
    'here',
  );
  await jest.advanceTimersByTimeAsync(12_000);
  await step;
}

describe('progress', () => {
  test('in a file: no control characters, a line for the step and one every five seconds that it takes', async () => {
    const { progress, text } = written(false, {});
    await longStep(progress);
    expect(text()).not.toMatch(CONTROL);
    expect(text()).toMatch(/^ {2}… Kafka: waiting .*\(5\.0 s\)\n.*\(10\.0 s\)\n {2}✓ Kafka +12\.0 s {2}here\n$/);
  });

  test('on a terminal: a spinner that never fills the line, and colours', async () => {
    const { progress, text } = written(true, {});
    await longStep(progress);
    expect(text()).toContain('\x1b[32m✓\x1b[0m Kafka');
    const drawn = text().split('\r\x1b[2K').slice(1, -1);
    expect(drawn.length).toBeGreaterThan(50);
    expect(Math.max(...drawn.map((line) => line.length))).toBeLessThan(40);
  });

  test('NO_COLOR takes the colours away', async () => {
    const { progress, text } = written(true, { NO_COLOR: '1' });
    await longStep(progress);
    expect(text()).not.toContain('\x1b[3');
  });

  test('a dumb terminal gets no control characters', async () => {
    const { progress, text } = written(true, { TERM: 'dumb' });
    await longStep(progress);
    expect(text()).not.toMatch(CONTROL);
  });

  test('a step that fails is marked, and its error goes on', async () => {
    const { progress, text } = written(false, {});
    await expect(progress.step('Kafka', '', () => Promise.reject(new Error('no Java')), '')).rejects.toThrow('no Java');
    expect(text()).toContain('✗ Kafka');
  });
});
