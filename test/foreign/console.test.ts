import axeCore from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { consoleStage, OPERATOR_TOKEN, type ConsoleStage } from './support/console-stage.ts';
import { watchedPage, type Look, type WatchedPage } from './support/watched-page.ts';
import { installChromium } from './tools/chromium.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

/** Heading and a sign that each view has what it shows, with 100 000 orders behind it. */
const VIEWS = (orderId: string): readonly (readonly [path: string, ready: string])[] => [
  ['/console', '.chart'],
  ['/console/orders', 'tbody tr'],
  ['/console/orders?preset=stuck', '.empty'],
  ['/console/orders?preset=slow', '[aria-label="Orders"] .empty, tbody tr'],
  ['/console/orders?status=CANCELLED', 'tbody tr'],
  [`/console/orders/${orderId}`, '.figures'],
  ['/console/accounts', 'tbody tr'],
  ['/console/accounts/carol', 'tbody tr'],
  ['/console/pipeline', 'table.heat'],
  ['/console/dead-letters', 'tbody tr'],
  ['/console/dead-letters?service=payments&side=consumer', '[aria-label="List of dead letters"] tbody tr'],
  ['/console/dead-letters/payments/consumer/1', 'pre'],
  ['/console/audit', '.verdict'],
  ['/console/cluster', 'tbody tr'],
];
const LOOKS: readonly (readonly [string, Look])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['at phone width', { colorScheme: 'light', width: 360, height: 740 }],
];
/** A page of a table of 100 000 comes at once; a machine that runs the other tests takes its time. */
const SOON_MS = 3000;

let browser: Browser | undefined;
let stage: ConsoleStage;
let stopTrading: (() => Promise<void>) | undefined;
const open: WatchedPage[] = [];

beforeAll(async () => {
  const launch = await installChromium();
  [stage, browser] = await Promise.all([consoleStage(), launch()]);
  stopTrading = stage.trade();
  const { context } = await watch();
  const audited = await context.request.post('/console/api/audit', { headers: { 'x-console': '1' }, data: {} });
  expect(audited.status()).toBe(200);
}, INSTALL_TIMEOUT_MS + 180_000);

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ context }) => context.close()));
});

afterAll(async () => {
  await stopTrading?.();
  await browser?.close();
  await stage.stop();
}, 60_000);

async function watch(look: Look = {}): Promise<WatchedPage> {
  if (browser === undefined) throw new Error('The browser starts before the first test.');
  const watched = await watchedPage(browser, stage.url, look);
  open.push(watched);
  return watched;
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

async function axe(page: Page): Promise<string[]> {
  // As a string, which the policy of the page does not concern: it is the debugger's.
  await page.evaluate(axeCore.source);
  const violations = await page.evaluate<Violation[]>('axe.run(document).then(({ violations }) => violations)');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${JSON.stringify(target)}: ${failureSummary ?? ''}`),
  );
}

/** What makes a page scroll sideways. */
const STICKING_OUT = `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('main *')]
  .filter((element) => element.getBoundingClientRect().right > innerWidth)
  .map((element) => element.outerHTML.slice(0, 120))`;

describe.each(LOOKS)('every view, %s', (_name, look) => {
  test('is accessible, quiet, asks nobody outside, and does not scroll sideways', async () => {
    const { page, faults } = await watch(look);
    for (const [path, ready] of VIEWS(stage.orderId)) {
      await page.goto(path);
      await page.locator(ready).first().waitFor();
      expect([path, await axe(page)]).toEqual([path, []]);
      expect([path, await page.evaluate<string[]>(STICKING_OUT)]).toEqual([path, []]);
    }
    expect(faults).toEqual([]);
  }, 120_000);
});

test('an operator logs in with the token, which is in no address; and out', async () => {
  const { page, context, faults } = await watch({ isLoggedIn: false });
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  await page.goto(`/console/orders/${stage.orderId}`);
  expect(await axe(page)).toEqual([]);
  await page.getByLabel('Operator’s token').fill('a-wrong-token-0123456789');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText("This is not the operator's token.").waitFor();
  await page.getByLabel('Operator’s token').fill(OPERATOR_TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  // Where the link led.
  await page.getByRole('heading', { name: /^Order/ }).waitFor();
  expect(addresses.filter((address) => address.includes(OPERATOR_TOKEN))).toEqual([]);
  expect(await page.evaluate('document.cookie')).toBe('');
  const [cookie] = await context.cookies(`${stage.url}/console`);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/console' });
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  // A browser says of each refused request that it was: those of the login, and no other.
  expect(faults.filter((fault) => !fault.includes('401'))).toEqual([]);
}, 60_000);

test('the flow is live: rows come each second, a pause stops them', async () => {
  const { page, faults } = await watch();
  await page.goto('/console');
  await page.getByText('live', { exact: true }).waitFor();
  await page.locator('.canvas canvas').first().waitFor();
  await page.locator('.chart .legend b', { hasText: '/s' }).first().waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('paused', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByRole('button', { name: '24 hours' }).click();
  await page.waitForURL(/range=24h/);
  expect(faults).toEqual([]);
}, 60_000);

test('orders: filters stand in the address, pages follow, and each page of 100 000 comes soon', async () => {
  const { page, context, faults } = await watch();
  for (const query of [
    '',
    'status=CANCELLED',
    'status=FINISHED',
    'reason=no-account',
    'userId=user-0007',
    'preset=stuck',
    'preset=slow',
  ]) {
    const began = Date.now();
    expect((await context.request.get(`/console/api/orders?${query}&count=true`, { timeout: SOON_MS })).status()).toBe(
      200,
    );
    expect([query, Date.now() - began < SOON_MS]).toEqual([query, true]);
  }
  await page.goto('/console/orders');
  await page.getByText('10\u202f000+ orders').waitFor();
  await page.getByLabel('Status', { exact: true }).selectOption('CANCELLED');
  await page.waitForURL(/status=CANCELLED/);
  await page.locator('tbody tr').nth(49).waitFor();
  expect(await page.locator('tbody td:nth-child(2)').allInnerTexts()).toEqual(
    Array(50).fill(expect.stringContaining('CANCELLED')),
  );
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.locator('tbody tr').nth(99).waitFor();
  await page.getByLabel('User', { exact: true }).fill('user-0007');
  await page.getByLabel('User', { exact: true }).press('Enter');
  await page.waitForURL(/userId=user-0007/);
  await page.reload();
  expect(await page.getByLabel('User', { exact: true }).inputValue()).toBe('user-0007');
  expect(faults).toEqual([]);
}, 60_000);

test('by keyboard: any id is found, rows are walked, views are reached', async () => {
  const { page, faults } = await watch();
  await page.goto('/console');
  await page.getByText('live', { exact: true }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type(stage.orderId);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/console/orders/${stage.orderId}`);
  await page.getByRole('heading', { name: /^Order/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('alice');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/console/accounts/alice');
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.getByRole('heading', { name: 'Orders' }).waitFor();
  await page.locator('tr[data-row]').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.locator('tr.here').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/console\/orders\/[0-9a-f-]{36}$/);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('t');
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  await page.keyboard.press('/');
  await page.keyboard.type('no-such-thing');
  await page.keyboard.press('Enter');
  await page.getByText('No order, account or dead letter has this id.').waitFor();
  expect(faults).toEqual([]);
}, 60_000);

test('an account adds up on the spot', async () => {
  const { page, faults } = await watch();
  await page.goto('/console/accounts/user-0007');
  await page.getByRole('button', { name: 'Check account' }).click();
  const said = page.locator('.filters', { has: page.getByRole('button', { name: 'Check account' }) });
  await said.locator('.status, [role=alert]').waitFor();
  expect(await said.innerText()).toContain('Right: ');
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.locator('tbody tr').nth(80).waitFor();
  expect(faults).toEqual([]);
}, 60_000);

test('an audit runs by its button, and says that the money is right', async () => {
  const { page, faults } = await watch();
  await page.goto('/console/audit');
  await page.getByRole('button', { name: 'Only what changed' }).click();
  await page.getByText('What had changed since the audit before').waitFor({ timeout: 60_000 });
  await page.getByText('Nothing is wrong: the money is right to the last unit.').waitFor();
  expect(faults).toEqual([]);
}, 90_000);

describe('dead letters', () => {
  const GROUP = '/console/dead-letters?service=payments&side=consumer';

  test('a replay is tried before it is done; the letter stays, with its error', async () => {
    const { page, faults } = await watch();
    await page.goto(GROUP);
    await page
      .getByRole('checkbox', { name: /^Mark letter/ })
      .first()
      .check();
    await page.getByRole('button', { name: 'Replay 1…' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Replay', exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel('Who').fill('olga');
    await dialog.getByLabel('Why (recorded)').fill('does the release of today read it?');
    await dialog.getByRole('button', { name: 'Dry run' }).click();
    await dialog.getByText('nothing was changed').waitFor();
    await dialog.getByText('refused again: it stays').waitFor();
    expect(await dialog.locator('.repl code').innerText()).toMatch(
      /^dlq replay payments \d+ --by olga --reason "does the release of today read it\?" --yes$/,
    );
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
    await dialog.getByText(/^Done \(act/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page
      .locator('[aria-label="Acts"] tbody tr', { hasText: 'does the release of today read it?' })
      .first()
      .waitFor();
    expect(faults).toEqual([]);
  }, 60_000);

  test('a letter is looked at, and discarded with a reason', async () => {
    const { page, faults } = await watch();
    await page.goto(GROUP);
    await page.locator('[aria-label="List of dead letters"] tbody th a').first().click();
    await page.getByRole('heading', { name: /^Dead letter \d+ of payments/ }).waitFor();
    await page.locator('pre', { hasText: '"amount": 4005' }).waitFor();
    await page.getByRole('button', { name: 'Discard…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Who').fill('olga');
    await dialog.getByLabel('Why (recorded)').fill('sent by hand');
    await dialog.getByRole('button', { name: 'Dry run' }).click();
    await dialog.getByText('nothing was changed').waitFor();
    await dialog.getByRole('button', { name: 'Discard', exact: true }).click();
    await dialog.getByText(/^Done \(act/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.goto(GROUP);
    await page.locator('[aria-label="Acts"] tbody tr', { hasText: 'sent by hand' }).first().waitFor();
    await page.getByText('3 letters, oldest first').waitFor();
    expect(faults).toEqual([]);
  }, 60_000);
});

test('while payments is away the page says so, and the rest works', async () => {
  const { page, faults } = await watch();
  await page.goto('/console');
  await stage.system.nodes.payments.stop();
  try {
    await page.getByText('No node of payments is here.').waitFor({ timeout: 30_000 });
    await page.goto('/console/accounts');
    await page.getByText('The accounts cannot be shown.').waitFor();
    await page.goto('/console/orders');
    await page.locator('tbody tr').first().waitFor();
    await page.goto('/console/pipeline');
    await page.getByText('payments is away.').waitFor();
    await page.goto('/console/dead-letters');
    await page.getByText('payments is away.').waitFor();
    // The browser's own word about the answers 503.
    expect(faults.filter((fault) => !fault.includes('503'))).toEqual([]);
  } finally {
    await stage.system.nodes.payments.start();
  }
}, 120_000);
