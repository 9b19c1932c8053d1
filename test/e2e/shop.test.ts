import { spawnSync } from 'node:child_process';
import { playDay, type PlayedDay, type System } from '../../shop/play-day.ts';
import { verdict } from '../../shop/verdict.ts';
import { freePort } from '../../start/free-port.ts';
import { projectRoot } from '../../start/project-root.ts';
import { readRunningCluster } from '../../start/cluster-state.ts';
import {
  cleanEnvironment,
  runSystem,
  systemPlace,
  type RunningSystem,
  type SystemPlace,
} from '../support/running-system.ts';

const START_TIMEOUT_MS = 200_000;
const DAY_TIMEOUT_MS = 120_000;

let place: SystemPlace;
let running: RunningSystem;
let system: System;

beforeAll(async () => {
  place = await systemPlace();
  running = await runSystem(place);
  const addresses = (await readRunningCluster(place.env['DATA_DIR'] ?? ''))?.addresses;
  if (addresses === undefined) throw new Error(`The system does not run: ${running.output()}`);
  system = { apiUrl: place.urls.api, ordersUrl: addresses.ordersUrl, paymentsUrl: addresses.paymentsUrl };
}, START_TIMEOUT_MS);

afterAll(async () => {
  await running.stop();
  place.remove();
}, START_TIMEOUT_MS);

function play(seed: number, orders: number): Promise<PlayedDay> {
  const stream = { write: () => undefined };
  return playDay({ system, users: 100, orders, inFlight: 32, seed, stream, env: {} });
}

function runShop(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['start/on-node-24.js', 'shop/shop.ts', ...args], {
    cwd: projectRoot(),
    env: { ...cleanEnvironment(), ...place.env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test(
  'a day of 1 000 orders gets only good answers, is final in time, and agrees to the last unit',
  async () => {
    const day = await play(1, 1000);
    expect(verdict(day)).toEqual([]);
    // Every kind of outcome was there, or the checks would have had nothing to check.
    expect([...day.reconciliation.outcomes.keys()].sort()).toEqual([
      'CANCELLED insufficient-funds',
      'CANCELLED no-account',
      'FINISHED',
    ]);
    const { paidIn, spent, balances } = day.reconciliation.money.ofTheDay;
    expect(paidIn).toBe(spent + balances);
    expect(spent).toBeGreaterThan(0n);
  },
  DAY_TIMEOUT_MS,
);

test(
  'two days at the same time do not disturb each other',
  async () => {
    const days = await Promise.all([play(2, 300), play(2, 300)]);
    expect(days.map(verdict)).toEqual([[], []]);
  },
  DAY_TIMEOUT_MS,
);

test(
  'npm run shop finds the system that runs, plays, tells what it saw, and exits with 0',
  () => {
    const shop = runShop('--users', '20', '--orders', '100', '--seed', '4');
    expect(shop.stderr).toBe('');
    expect(shop.stdout).toContain('  Orders   100 %');
    expect(shop.stdout).toContain('Orders posted   100 × 201');
    expect(shop.stdout).toContain('everything agrees to the last unit');
    expect(shop.status).toBe(0);
  },
  DAY_TIMEOUT_MS,
);

test('npm run shop where no gateway answers says so in one sentence', async () => {
  const shop = runShop('--api', `http://127.0.0.1:${await freePort()}`);
  expect(shop.stderr).toMatch(/^\n {2}Nothing answers at http:\/\/127\.0\.0\.1:\d+\/? .*npm start.*\n\n$/);
  expect(shop.status).toBe(1);
});
