/**
 * A container's health: `node deploy/healthcheck.ts <port>` ends with 0 when the service on that port is ready.
 * Its image has neither curl nor wget.
 */

// Below the time-out that docker-compose.yml gives the check, so that the reason is said rather than cut off.
const TIMEOUT_MS = 4_000;

async function check(port: string | undefined): Promise<string | null> {
  if (port === undefined || !/^\d{1,5}$/.test(port)) return 'Usage: node deploy/healthcheck.ts <port>';
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? null : `${response.status} ${await response.text()}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `Nothing ready on port ${port}: ${String(cause)}`;
  }
}

const wrong = await check(process.argv[2]);
// `docker inspect` shows what a check has written.
if (wrong !== null) {
  process.stderr.write(`${wrong}\n`);
  process.exitCode = 1;
}
