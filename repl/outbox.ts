import type { OutboxState } from '../contract/node-states.ts';
import { askNodes } from './ask-nodes.ts';
import type { ReplCommand } from './command.ts';
import { duration, ranges, table } from './print-table.ts';

/** `outbox`: what waits in the outbox of each service, and whose lanes it is in. */
export const outbox: ReplCommand = {
  name: 'outbox',
  description: 'what waits in the outboxes: backlog, oldest age, lanes by node, parked events',
  usage: ['[--json]'],
  options: { json: { description: 'one JSON document, for a machine' } },
  async run({ broker, switches, print }) {
    const { answers, silent } = await askNodes<OutboxState>(broker, '.outbox.state');
    const states = answers.sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
    if (switches.has('json')) {
      print(JSON.stringify({ nodes: states, silent }));
      return;
    }
    if (states.length === 0) print('No node with an outbox is here.');
    else print(table(['service', 'node', 'waiting', 'oldest', 'parked', 'lanes'], rowsOf(states)));
    for (const { nodeId, trouble } of states) if (trouble !== null) print(`  ${nodeId}: ${trouble}`);
    for (const { nodeId, error } of silent) print(`  ${nodeId} did not answer: ${error}`);
  },
};

function rowsOf(states: readonly OutboxState[]): string[][] {
  const held = states.map((state) => [
    state.service,
    state.nodeId,
    `${state.backlogRows}${state.capped ? '+' : ''}`,
    duration(state.oldestAgeMs),
    state.parkedRows === null ? '?' : String(state.parkedRows),
    ranges(state.heldLanes),
  ]);
  // Every node says the same of the lanes that nobody holds.
  const unheld = [...Map.groupBy(states, ({ service }) => service)].flatMap(([service, [state]]) => {
    const lanes = state?.unheldLanes ?? [];
    if (lanes.length === 0) return [];
    const oldest = Math.max(...lanes.map(({ oldestAgeMs }) => oldestAgeMs ?? -1));
    const waiting = lanes.reduce((sum, { rows }) => sum + rows, 0);
    const numbers = ranges(lanes.map(({ lane }) => lane));
    return [[service, 'nobody', String(waiting), duration(oldest < 0 ? null : oldest), '?', numbers]];
  });
  return [...held, ...unheld];
}
