import { relative } from 'node:path';
import { accessWarnings, type AccessConfig, type JwtConfig } from '../config/config.ts';
import type { ClusterAddresses } from './cluster-state.ts';
import { sizeText } from './data-folder.ts';
import type { DataFolder } from './data-folder.ts';

const LABEL_WIDTH = 12;

/**
 * Where everything is, and one call to try.
 *
 * @param access who may call.
 * @param dataBytes what the data folder takes.
 * @param readyInMs from the start of the command.
 * @param cwd paths are shown relative to it.
 * @param startedBy what proposes nothing to try, when it is about to show it.
 */
export function summary(
  addresses: ClusterAddresses,
  access: AccessConfig,
  folder: DataFolder,
  dataBytes: number,
  readyInMs: number,
  cwd: string,
  startedBy: 'start' | 'demo' = 'start',
): string {
  const gateway = `http://localhost:${addresses.apiPort}`;
  const rows = [
    ['API', `${gateway}/api`],
    ['Docs', `${gateway}/docs`],
    ['Console', `${gateway}/console`],
    [
      'Services',
      `orders http://localhost:${addresses.ordersPort}, payments http://localhost:${addresses.paymentsPort}`,
    ],
    ['Kafka', addresses.brokers],
    ['PostgreSQL', withoutPassword(addresses.ordersUrl)],
    ['', withoutPassword(addresses.paymentsUrl)],
    ['Logs', `${shown(folder.logs, cwd)}/`],
    ['Data', `${shown(folder.path, cwd)}/, ${sizeText(dataBytes)} (kept; "npm start -- --fresh" begins empty)`],
    ...(startedBy === 'start' ? [['Next', 'npm run demo   (Ctrl-C here stops everything)'] as const] : []),
  ] as const;
  const ready = `  Ready in ${(readyInMs / 1000).toFixed(1)} s.`;
  return [
    '',
    ...rows.map(([label, value]) => `  ${label.padEnd(LABEL_WIDTH)}${value}`),
    '',
    ...accessWarnings(access).flatMap((warning) => [`  ! ${warning}`, '']),
    ...(startedBy === 'demo' ? [ready] : [`${ready} An order of your own:`, '', ...proposal(gateway, access), '']),
  ].join('\n');
}

function proposal(gateway: string, access: AccessConfig): string[] {
  return [
    `  curl -s ${gateway}/api/orders -H 'Content-Type: application/json' \\`,
    ...(access.auth?.mode === 'jwt' ? [`    -H "Authorization: Bearer ${tokenText(access.auth)}" \\`] : []),
    `    -d '{"userId":"alice","amount":40.05,"description":"tea"}'`,
  ];
}

/** Where the secret is known here, a token can be made on the spot. */
function tokenText({ keys }: JwtConfig): string {
  return keys.kind === 'jwks' ? '$TOKEN' : '$(npm run -s token -- --sub alice)';
}

/** The embedded database's password is no secret and stays; one that somebody gave us is not shown. */
function withoutPassword(url: string): string {
  const parsed = new URL(url);
  if (parsed.password !== '' && parsed.password !== 'postgres') parsed.password = '***';
  return parsed.href;
}

function shown(path: string, cwd: string): string {
  const shorter = relative(cwd, path);
  return shorter.startsWith('..') ? path : shorter;
}
