import { ProgressBar } from '../../../terminal/progress-bar.ts';

function played(total: number, terminal: boolean, env: Record<string, string> = {}): string[] {
  const written: string[] = [];
  const stream = { isTTY: terminal, columns: 60, write: (text: string) => written.push(text) };
  const bar = new ProgressBar(stream, env, 'Orders', total);
  for (let done = 0; done < total; done++) bar.advance();
  return written;
}

test('without a terminal, every tenth is one plain line', () => {
  const lines = played(1000, false);
  expect(lines).toHaveLength(10);
  expect(lines[0]).toMatch(/^ {2}Orders 10 % {2}100\/1000 {2}\d+\/s\n$/);
  expect(lines[9]).toMatch(/^ {2}Orders 100 % {2}1000\/1000/);
});

test('fewer posts than tenths are lines all the same, and the last one is 100 %', () => {
  expect(played(3, false).map((line) => line.split('%')[0])).toEqual(['  Orders 30 ', '  Orders 60 ', '  Orders 100 ']);
});

test('on a terminal the bar is drawn over itself, fits the line, and ends full', () => {
  const written = played(1000, true, { NO_COLOR: '1' });
  const last = written.at(-1) ?? '';
  expect(last).toMatch(/^\r\x1b\[2K {2}Orders █{30} 1000\/1000/);
  expect(last.endsWith('\n')).toBe(true);
  for (const line of written) expect(line.replace('\r\x1b[2K', '').trimEnd().length).toBeLessThan(60);
});

test('NO_COLOR draws without colours, a dumb terminal does not draw', () => {
  expect(played(10, true).join('')).toContain('\x1b[36m');
  expect(played(10, true, { NO_COLOR: '1' }).join('')).not.toContain('\x1b[36m');
  expect(played(10, true, { TERM: 'dumb' }).join('')).not.toContain('\x1b');
});
