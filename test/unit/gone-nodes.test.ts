import { goneNodes, type RemoteNode } from '../../kafka/gone-nodes.ts';

const TIMEOUT_S = 6;

function node(id: string, lastHeartbeatTime: number | null, other: Partial<RemoteNode> = {}): RemoteNode {
  return { id, local: false, available: true, instanceID: 'one', lastHeartbeatTime, ...other };
}

function idsOf(nodes: readonly RemoteNode[]): string[] {
  return nodes.map(({ id }) => id);
}

test('a node without a heartbeat for longer than the timeout is gone, and nobody else is', () => {
  const nodes = [
    node('silent', 93),
    node('beating', 95),
    node('this', 1, { local: true }),
    node('left', 1, { available: false }),
  ];
  expect(idsOf(goneNodes(nodes, 100, 99, TIMEOUT_S))).toEqual(['silent']);
});

test('a node that has sent no heartbeat yet has the whole timeout for its first', () => {
  const fresh = node('fresh', null);
  expect(goneNodes([fresh], 100, 99, TIMEOUT_S)).toEqual([]);
  expect(goneNodes([fresh], 106, 105, TIMEOUT_S)).toEqual([]);
  expect(goneNodes([fresh], 107, 106, TIMEOUT_S)).toEqual([fresh]);
});

test('a node that was stopped itself does not take all the others for gone', () => {
  const other = node('other', 50);
  expect(goneNodes([other], 100, 50, TIMEOUT_S)).toEqual([]);
  expect(goneNodes([other], 107, 106, TIMEOUT_S)).toEqual([other]);
});
