import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../start/project-root.ts';
import { installChromium } from '../tools/chromium.ts';
import { consoleStage } from './console-stage.ts';
import { watchedPage } from './watched-page.ts';

/** `npm run screenshots`: the pictures of docs/console.md and the README, of a system of its own. */

const FOLDER = join(projectRoot(), 'docs', 'screenshots');
/** Of orders that come in, so that the charts have something to show. */
const TRADE_MS = Number(process.env['SCREENSHOT_TRADE_MS'] ?? 90_000);

const launch = await installChromium();
const stage = await consoleStage();
try {
  mkdirSync(FOLDER, { recursive: true });
  const browser = await launch();
  const stopTrading = stage.trade();
  const { page, context, faults } = await watchedPage(browser, stage.url, { height: 860 });
  const shoot = async (name: string, path: string, isReady: string): Promise<void> => {
    await page.goto(path);
    await page.locator(isReady).first().waitFor();
    await page.waitForTimeout(1500);
    await page.screenshot({ path: join(FOLDER, `${name}.png`) });
    process.stdout.write(`${name}.png\n`);
  };
  await page.waitForTimeout(TRADE_MS);
  await context.request.post('/console/api/audit', { headers: { 'x-console': '1' }, data: {} });
  await shoot('overview', '/console', '.canvas canvas');
  await shoot('orders', '/console/orders', 'tbody tr');
  await shoot('order', `/console/orders/${stage.orderId}`, '.figures');
  await shoot('accounts', '/console/accounts', 'tbody tr');
  await shoot('account', '/console/accounts/carol', 'tbody tr');
  await shoot('pipeline', '/console/pipeline', 'table.heat');
  await shoot(
    'dead-letters',
    '/console/dead-letters?service=payments&side=consumer',
    '[aria-label="List of dead letters"] tbody tr',
  );
  await shoot('audit', '/console/audit', 'tbody tr');
  await shoot('cluster', '/console/cluster', 'tbody tr');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shoot('overview-dark', '/console', '.canvas canvas');
  await page.setViewportSize({ width: 390, height: 844 });
  await shoot('overview-phone', '/console', '.canvas canvas');
  await shoot('orders-phone', '/console/orders', 'tbody tr');
  const stranger = await watchedPage(browser, stage.url, { isLoggedIn: false, width: 900, height: 560 });
  await stranger.page.goto('/console');
  await stranger.page.screenshot({ path: join(FOLDER, 'login.png') });
  await stopTrading();
  await browser.close();
  if (faults.length > 0) {
    process.stderr.write(`${faults.join('\n')}\n`);
    process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stage.stop();
}
