import { send } from './http-client.ts';

/** The samples of a node's `/metrics`, by their whole name with labels. */
export type Samples = ReadonlyMap<string, number>;

/** Asks a node for what it measures. */
export async function scrape(port: number): Promise<Samples> {
  const { status, text } = await send(port, '/metrics');
  if (status !== 200) throw new Error(`/metrics answered ${status}: ${text}`);
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

/** @returns the samples of one metric, by their labels: `GET /api/orders 200` */
export function requestsBy(samples: Samples): Record<string, number> {
  return Object.fromEntries(
    [...samples].flatMap(([name, value]) => {
      const labels = /^http_requests_total\{method="(.*)",route="(.*)",status="(.*)"\}$/.exec(name)?.slice(1);
      return labels === undefined ? [] : [[labels.join(' '), value]];
    }),
  );
}
