import type { Browser, BrowserContext, Page } from 'playwright-core';
import { OPERATOR_TOKEN } from './console-stage.ts';

/** A page of the console that notes whatever must not be: errors of its scripts, refused requests, a look outside. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Sentences; empty when all is well. */
  readonly faults: string[];
}

export interface Look {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  readonly isLoggedIn?: boolean;
}

/** @param url of the gateway */
export async function watchedPage(
  browser: Browser,
  url: string,
  { colorScheme = 'light', width = 1360, height = 900, isLoggedIn = true }: Look = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    baseURL: url,
    colorScheme,
    viewport: { width, height },
    timezoneId: 'UTC',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  if (isLoggedIn) {
    await context.request.post('/console/session', {
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'x-console': '1' },
    });
  }
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      faults.push(`console: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}\n${error.stack ?? ''}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) faults.push(`outside: ${request.url()}`);
  });
  return { page, context, faults };
}
