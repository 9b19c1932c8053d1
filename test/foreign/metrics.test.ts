import { startSystem, type System } from '../support/own-system.ts';
import { installPromtool, type CheckMetrics } from './tools/promtool.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

let check: CheckMetrics;
let system: System | undefined;

beforeAll(async () => {
  check = await installPromtool();
  system = await startSystem();
  // So that every metric has a sample.
  await system.call('POST', '/api/payments/accounts', { userId: 'alice' });
  await system.call('POST', '/api/orders', { userId: 'alice', amount: 1 });
  await system.call('GET', '/api/orders?userId=alice');
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await system?.stop();
}, 60_000);

test.each(['api', 'orders', 'payments'] as const)(
  'Prometheus has nothing to say against what %s shows',
  async (name) => {
    const response = await fetch(`http://127.0.0.1:${system?.nodes[name].port ?? 0}/metrics`);
    expect(response.status).toBe(200);
    const shown = await response.text();
    expect(shown).toMatch(/^http_requests_total\{/m);
    expect(await check(shown)).toEqual({ code: 0, stdout: '', stderr: '' });
  },
);

test('it has something to say against a counter whose name does not end in _total', async () => {
  const { code, stderr, stdout } = await check('# HELP orders Orders.\n# TYPE orders counter\norders 1\n');
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain('_total');
});
