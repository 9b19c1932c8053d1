import type { ChaosNode } from '../cluster/chaos-cluster.ts';

const LONGEST_QUOTE = 180;

/**
 * Watches what nodes log from now on.
 *
 * @returns a function that says the first line which matched so far, with its node; null when none did
 */
export function watchLogs(nodes: readonly ChaosNode[], pattern: RegExp): () => string | null {
  const logs = nodes.map((node) => ({ name: node.name, read: node.readLogFromHere() }));
  return () => {
    for (const { name, read } of logs) {
      const line = read()
        .split('\n')
        .find((each) => pattern.test(each));
      if (line !== undefined) return `${name}: "${messageOf(line).slice(0, LONGEST_QUOTE)}"`;
    }
    return null;
  };
}

/** Production logs are JSON lines; what kills a process is plain text. */
function messageOf(line: string): string {
  return /"msg":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line;
}
