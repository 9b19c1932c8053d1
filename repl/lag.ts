import type { ConsumersState, ConsumerState } from '../contract/node-states.ts';
import { askNodes } from './ask-nodes.ts';
import type { ReplCommand } from './command.ts';
import { duration, ranges, table } from './print-table.ts';

/** `lag`: how far each consumer is behind, and who holds which partitions. */
export const lag: ReplCommand = {
  name: 'lag',
  description: 'how far consumers are behind: partitions by node, records, age of what is in hand',
  usage: ['[--json]'],
  options: { json: { description: 'one JSON document, for a machine' } },
  async run({ broker, switches, print }) {
    const { answers, silent } = await askNodes<ConsumersState>(broker, '.consumers.state');
    const states = answers.sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
    if (switches.has('json')) {
      print(JSON.stringify({ nodes: states, silent }));
      return;
    }
    const each = states.flatMap(({ nodeId, consumers }) => consumers.map((state) => ({ ...state, nodeId })));
    if (each.length === 0) print('No node with a consumer is here.');
    else print(table(['consumer', 'node', 'partitions', 'behind', 'oldest', 'settled', 'again'], rowsOf(each)));
    for (const { nodeId, consumer, trouble } of each) {
      if (trouble !== null) print(`  ${nodeId}, ${consumer}: ${trouble}`);
    }
    for (const { nodeId, error } of silent) print(`  ${nodeId} did not answer: ${error}`);
  },
};

type Held = ConsumerState & { readonly nodeId: string };

function rowsOf(states: readonly Held[]): string[][] {
  return [...Map.groupBy(states, ({ consumer }) => consumer)].flatMap(([consumer, members]) => {
    const held = members.map((member) => {
      const ages = member.partitions.flatMap(({ ageMs }) => ageMs ?? []);
      return [
        consumer,
        member.nodeId,
        ranges(member.partitions.map(({ partition }) => partition)),
        behind(member.partitions.map((each) => each.lag)),
        duration(ages.length === 0 ? null : Math.max(...ages)),
        String(member.settled),
        String(member.duplicates),
      ];
    });
    const taken = new Set(members.flatMap(({ partitions }) => partitions.map(({ partition }) => partition)));
    const [first] = members;
    const free = Array.from({ length: first?.partitionCount ?? 0 }, (_, partition) => partition).filter(
      (partition) => !taken.has(partition),
    );
    if (free.length === 0) return held;
    const lags = new Map(first?.groupLag.map(({ partition, lag: records }) => [partition, records]));
    return [
      ...held,
      [consumer, 'nobody', ranges(free), behind(free.map((each) => lags.get(each) ?? null)), '-', '-', '-'],
    ];
  });
}

/** A question mark when Kafka did not say it of each. */
function behind(lags: readonly (string | null)[]): string {
  if (lags.includes(null)) return '?';
  return lags.reduce((sum, each) => sum + BigInt(each ?? 0), 0n).toString();
}
