import { readFileSync } from 'node:fs';
import { loadConfig } from '../../../config/config.ts';
import { armCrashPoint, CRASH_POINTS, crashPoint, readCrashPoint } from '../../../crash-points/crash-point.ts';

const PRODUCT = [
  'mixins/outbox/relay.ts',
  'mixins/inbox/settle-batch.ts',
  'mixins/group-commit.ts',
  'http/answer-call.ts',
] as const;

/** Arms a point so that its death is told instead of died. */
function arm(text: string): string[] {
  const deaths: string[] = [];
  armCrashPoint(readCrashPoint(text), (name) => {
    deaths.push(name);
  });
  return deaths;
}

afterEach(() => {
  armCrashPoint(null);
});

test('off by default: a process that nobody armed passes every crash point', () => {
  const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
  for (const name of CRASH_POINTS) crashPoint(name);
  expect(kill).not.toHaveBeenCalled();
  expect(loadConfig({}).crashPointFile).toBeNull();
});

test('production refuses a file of crash points unless they are allowed in so many words', () => {
  const production = { NODE_ENV: 'production', AUTH: 'off', CRASH_POINT_FILE: '/tmp/point' };
  expect(() => loadConfig(production)).toThrow(/CRASH_POINT_FILE is set and NODE_ENV is production/);
  expect(() => loadConfig({ ...production, CRASH_POINTS_IN_PRODUCTION: 'false' })).toThrow(/CRASH_POINT_FILE/);
  expect(loadConfig({ ...production, CRASH_POINTS_IN_PRODUCTION: 'true' }).crashPointFile).toBe('/tmp/point');
  expect(loadConfig({ CRASH_POINT_FILE: '/tmp/point' }).crashPointFile).toBe('/tmp/point');
});

test('an armed process dies at its point by SIGKILL, at the pass that was named, and at no other point', () => {
  const deaths = arm('relay.after-publish:3');
  crashPoint('relay.after-publish');
  crashPoint('consumer.after-commit');
  crashPoint('relay.after-publish');
  expect(deaths).toEqual([]);
  crashPoint('relay.after-publish');
  expect(deaths).toEqual(['relay.after-publish']);
  crashPoint('relay.after-publish');
  expect(deaths).toHaveLength(1);

  const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
  armCrashPoint(readCrashPoint('http.before-answer'));
  crashPoint('http.before-answer');
  expect(kill).toHaveBeenCalledWith(process.pid, 'SIGKILL');
});

test('an empty text disarms; a text that names no crash point is refused', () => {
  const deaths = arm('relay.before-publish');
  armCrashPoint(readCrashPoint(' \n'));
  crashPoint('relay.before-publish');
  expect(deaths).toEqual([]);
  expect(() => readCrashPoint('relay.sometime')).toThrow(/is no crash point: one of relay.before-publish/);
  expect(() => readCrashPoint('relay.after-publish:0')).toThrow(/is no crash point/);
  expect(() => readCrashPoint('relay.after-publish:1:2')).toThrow(/is no crash point/);
});

test('each crash point stands in the code once', () => {
  const marked = PRODUCT.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/crashPoint\('([^']+)'\)/g)].map(([, name]) => name),
  );
  expect(marked.toSorted()).toEqual(CRASH_POINTS.toSorted());
});
