import { eventTopics } from '../../events/topics.ts';
import { createKafka } from '../../kafka/client.ts';
import { eventually } from '../support/eventually.ts';
import { startSystem, type System } from '../support/own-system.ts';
import { typeIntoRepl } from '../support/repl.ts';
import { silentLogger } from '../support/silent-logger.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
}, 120_000);

afterAll(async () => {
  await system.stop();
}, 60_000);

const repl = (...lines: string[]): Promise<string> => typeIntoRepl(system.brokers, ...lines);

async function placeOrder(amount: number): Promise<string> {
  const { status, body } = await system.call('POST', '/api/orders', { userId: 'ann', amount });
  expect(status).toBe(201);
  return (body as { orderId: string }).orderId;
}

async function untilFinal(orderId: string): Promise<void> {
  await eventually(async () => {
    expect(await system.call('GET', `/api/orders/${orderId}`)).toMatchObject({ body: { status: 'FINISHED' } });
  });
}

async function balance(): Promise<unknown> {
  return ((await system.call('GET', '/api/payments/accounts/ann')).body as { balance: unknown }).balance;
}

test('the REPL lists, shows, tries and discards a dead letter, and shows who did it', async () => {
  await system.call('POST', '/api/payments/accounts', { userId: 'ann' });
  await system.call('POST', '/api/payments/accounts/deposit', { userId: 'ann', amount: 100 });
  await untilFinal(await placeOrder(10));
  const producer = createKafka({ brokers: [system.brokers], tls: null, sasl: null }, 'stray', silentLogger).producer();
  await producer.connect();
  await producer.send({ topic: eventTopics('').orders.name, messages: [{ key: 'ann', value: 'no event at all' }] });
  await producer.disconnect();
  await eventually(async () => {
    expect(await repl('dlq')).toMatch(/payments +consumer +payments\.pay +1 /);
  });

  const looked = await repl(
    'dlq list payments',
    'dlq show payments 1',
    'dlq replay payments 1 --by ann --reason trial',
  );
  expect(looked).toContain('payments: 1 dead letter.');
  expect(looked).toContain('undecodable');
  expect(looked).toContain('no event at all');
  expect(looked).toContain('Nothing was changed. To do it, add --yes.');
  const filtered = await repl('dlq list payments --cause undecodable --json', 'dlq list payments --cause refused');
  const json = filtered.split('\n').find((line) => line.startsWith('{')) ?? '';
  expect(JSON.parse(json)).toMatchObject({ total: 1, letters: [{ id: '1', reason: 'undecodable' }] });
  expect(filtered).toContain('payments: 0 dead letters (cause refused).');
  expect(await repl('dlq discard payments 1 --by ann --reason stray')).toContain('Nothing was changed.');
  expect(await repl('dlq')).toMatch(/payments\.pay +1 /);

  const acted = await repl(
    'dlq discard payments 1 --by ann --reason "a stray record" --yes',
    'dlq acts payments',
    'dlq',
  );
  expect(acted).toMatch(/discard.* ann +a stray record/);
  expect(acted).toContain('There are no dead letters.');
}, 120_000);

test('the REPL tells an order and an account, the outboxes, the lags, and plays a load', async () => {
  const orderId = await placeOrder(1);
  await untilFinal(orderId);
  const told = await repl(
    `order ${orderId}`,
    'account ann',
    'outbox',
    'lag',
    `order ${orderId} --json`,
    'order nothing',
  );
  expect(told).toContain(`Order ${orderId} of ann over 1: FINISHED`);
  expect(told).toMatch(/orders\.events\.v1\/\d+\/\d+/);
  expect(told).toMatch(/The \d+ entries add up to the balance\./);
  expect(told).toMatch(/ {2}orders +orders-0 +0 +- +0 +0-15\n/);
  expect(told).toMatch(/ {2}payments\.pay +payments-0 +0-11 +0 +- +\d+ +\d+\n/);
  const json = told.split('\n').find((line) => line.startsWith('{')) ?? '';
  expect(JSON.parse(json)).toMatchObject({ orderId, status: 'FINISHED' });
  const played = await repl('load --orders 40 --rate 200 --users 4', 'load --orders none', 'load help');
  expect(played).toContain('40 orders: 30 finished, 10 cancelled, 0 failed, 0 still NEW.');
  expect(played).toMatch(/orders 100 % {2}40\/40/);
  expect(played).toMatch(/--rate <n> +per second; 50/);
}, 120_000);

test('the REPL replays a topic into its consumer, which changes nothing that was done', async () => {
  const before = await balance();
  const tried = await repl('replay payments.pay --by ann --reason check --dry-run');
  // The orders, and the record that was discarded.
  expect(tried).toMatch(/done \(dry run\): 0 new, 43 done before/);
  const said = await repl('replay payments.pay --by ann --reason check');
  expect(said).toMatch(/done: 0 new, \d+ done before, 0 dead letters, .*0 records to go/);
  expect(await balance()).toBe(before);
  expect(await repl('replay payments.pay --reason check')).not.toMatch(/done:/);
}, 120_000);

test('the REPL reconciles: while payments is away an order gets its event again, and is paid once when it is back', async () => {
  await system.nodes.payments.stop();
  const orderId = await placeOrder(5);
  const said = await repl('reconcile --older-than 0 --by ann --reason check');
  expect(said).toMatch(/1 {2}orders are NEW for too long/);
  expect(said).toMatch(/1 {2}get their event again\n +payments did not answer/);
  await system.nodes.payments.start();
  await untilFinal(orderId);
  expect(await balance()).toBe(84);
  expect(await repl('reconcile --older-than 0')).toMatch(/ 0 {2}orders are NEW for too long/);
}, 120_000);

test('the REPL follows orders as they become final on another node', async () => {
  const ended = { yet: false };
  const following = repl('tail finished --for 3').finally(() => {
    ended.yet = true;
  });
  while (!ended.yet) await untilFinal(await placeOrder(0.01));
  const said = await following;
  expect(said).toMatch(/-->\s+FINISHED\s+[0-9a-f-]{36}\n/);
  expect(said).toMatch(/[1-9]\d* finished, 0 cancelled in 3\.\d s\./);
}, 120_000);
