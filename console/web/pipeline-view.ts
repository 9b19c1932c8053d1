import type { ConsumerState, OutboxState } from '../../contract/node-states.ts';
import type { Answered, Pipeline } from '../answers.ts';
import { useData } from './api.ts';
import { cappedCount, count, duration } from './format.ts';
import { html, type View } from './html.ts';
import { Away, Empty, Head, Panel, Repl, Shown } from './parts.ts';
import { overview } from './live.ts';

/** As the gateway warns from. */
const OLD_MS = 10_000;
const LANE_CAP = 10_000;

export function PipelineView(): View {
  const loaded = useData<Pipeline>('/console/api/pipeline', 3000);
  return html`
    <${Head} title="Pipeline"
      >From the outbox to the topic, and from the topic to the inbox: who holds which lane and which partition, what
      waits there, and for how long.<//
    >
    <${Shown} loaded=${loaded} what="The pipeline"
      >${(pipeline: Pipeline) => html`
        <${Away}
          services=${pipeline.away}
          what="Its lanes and partitions are not shown; what waits there waits, and is not lost."
        />
        ${failuresOf(pipeline).map((sentence) => html`<div class="notice warn" role="status">${sentence}</div>`)}
        ${servicesOf(pipeline.outboxes).map((service) => html`<${Lanes} key=${service} service=${service} nodes=${pipeline.outboxes.filter((each) => each.service === service)} />`)}
        ${
          pipeline.outboxes.length === 0
            ? html`<${Panel} title="Outbox lanes"
                ><${Empty} title="No node tells of its outbox."
                  >The nodes that are here are of a version that cannot, or none is here. The overview shows the age of
                  the oldest event.<//
                ><//
              >`
            : html`<${Repl} line="outbox" />`
        }
        ${consumersOf(pipeline).map(([consumer, nodes]) => html`<${Partitions} key=${consumer} consumer=${consumer} nodes=${nodes} />`)}
        ${pipeline.consumers.length > 0 ? html`<${Repl} line="lag" />` : null}
      `}<//
    >
  `;
}

function failuresOf({ outboxes, consumers }: Pipeline): string[] {
  return [...outboxes, ...consumers].flatMap(({ nodeId, failure }) =>
    failure === undefined ? [] : [`${nodeId} did not say: ${failure}`],
  );
}

function servicesOf(states: readonly Answered<unknown>[]): string[] {
  return [...new Set(states.map(({ service }) => service))].sort();
}

interface Cell {
  readonly owner: string;
  readonly rows: number;
  readonly ageMs: number | null;
}

function Lanes({ service, nodes }: { service: string; nodes: readonly Answered<OutboxState>[] }): View {
  const states = nodes.flatMap(({ nodeId, answer }) => (answer === undefined ? [] : [{ nodeId, answer }]));
  const lanes = Math.max(0, ...states.map(({ answer }) => answer.lanes));
  const cells = new Map<number, Cell>();
  for (const { answer } of states) {
    for (const { lane, rows, oldestAgeMs } of answer.unheldLanes) {
      cells.set(lane, { owner: 'nobody', rows, ageMs: oldestAgeMs });
    }
  }
  for (const { nodeId, answer } of states) {
    for (const { lane, rows, oldestAgeMs } of answer.byLane) {
      cells.set(lane, { owner: nodeId, rows, ageMs: oldestAgeMs });
    }
  }
  const waiting = [...cells.values()].reduce((sum, { rows }) => sum + rows, 0);
  const oldest = Math.max(-1, ...[...cells.values()].map(({ ageMs }) => ageMs ?? -1));
  const troubles = states.filter(({ answer }) => answer.trouble !== null);
  const parked = overview.value?.deadLetters ?? 0;
  return html`<${Panel}
    title=${`Outbox of ${service}`}
    label=${`Outbox of ${service}`}
    aside=${html`<span class="muted small">${waiting === 0 ? 'nothing waits' : `${count(waiting)} wait, the oldest for ${duration(oldest / 1000)}`}</span>`}
  >
    ${troubles.map(({ nodeId, answer }) => html`<p class="empty" style="padding:10px 16px 0" role="status"><i class="dot bad" aria-hidden="true"></i> ${nodeId}: ${answer.trouble}</p>`)}
    <${Heat}
      caption=${`Events of ${service} that wait in each of its ${lanes} lanes, and the age of the oldest, by the node that sends them`}
      corner="Node  lane"
      columns=${range(lanes).map(String)}
      rows=${ownersOf(
        cells,
        states.map(({ nodeId }) => nodeId),
      ).map((owner) => ({ head: owner, cells: range(lanes).map((lane) => cellOf(cells.get(lane), owner, LANE_CAP)) }))}
    />
    ${
      states.some(({ answer }) => (answer.parkedRows ?? 0) > 0) && parked > 0
        ? html`<p class="more small">
            Events of this outbox were refused by Kafka:
            <a href=${`/console/dead-letters?service=${service}`}>dead letters</a>.
          </p>`
        : null
    }
  <//>`;
}

function ownersOf(cells: ReadonlyMap<number, Cell>, nodeIds: readonly string[]): string[] {
  const hasUnheld = [...cells.values()].some(({ owner }) => owner === 'nobody');
  return [...new Set(nodeIds), ...(hasUnheld ? ['nobody'] : [])];
}

function consumersOf({ consumers }: Pipeline): [string, { nodeId: string; state: ConsumerState }[]][] {
  const byName = new Map<string, { nodeId: string; state: ConsumerState }[]>();
  for (const { nodeId, answer } of consumers) {
    for (const state of answer?.consumers ?? []) {
      byName.set(state.consumer, [...(byName.get(state.consumer) ?? []), { nodeId, state }]);
    }
  }
  // One that only replays feed holds no partition, and has nothing to show.
  return [...byName].filter(([, nodes]) =>
    nodes.some(({ state }) => state.partitions.length > 0 || state.trouble !== null),
  );
}

function Partitions({
  consumer,
  nodes,
}: {
  consumer: string;
  nodes: readonly { nodeId: string; state: ConsumerState }[];
}): View {
  const partitions = Math.max(0, ...nodes.map(({ state }) => state.partitionCount));
  const cells = new Map<number, Cell>();
  for (const { state } of nodes) {
    for (const { partition, lag } of state.groupLag) {
      cells.set(partition, { owner: 'nobody', rows: Number(lag), ageMs: null });
    }
  }
  for (const { nodeId, state } of nodes) {
    for (const { partition, lag, ageMs } of state.partitions) {
      cells.set(partition, {
        owner: nodeId,
        rows: lag === null ? (cells.get(partition)?.rows ?? 0) : Number(lag),
        ageMs,
      });
    }
  }
  const sum = (of: (state: ConsumerState) => number): string =>
    count(nodes.reduce((total, { state }) => total + of(state), 0));
  const [first] = nodes;
  const behind = [...cells.values()].reduce((total, { rows }) => total + rows, 0);
  return html`<${Panel}
    title=${consumer}
    label=${consumer}
    aside=${html`<span class="muted small">${behind === 0 ? 'nothing waits' : `${count(behind)} records wait`}; since their start: ${sum(({ settled }) => settled)} settled, ${sum(({ duplicates }) => duplicates)} duplicates skipped, ${sum(({ deadLetters }) => deadLetters)} dead letters</span>`}
  >
    ${nodes.filter(({ state }) => state.trouble !== null).map(({ nodeId, state }) => html`<p class="empty" style="padding:10px 16px 0" role="status"><i class="dot bad" aria-hidden="true"></i> ${nodeId}: ${state.trouble}</p>`)}
    <${Heat}
      caption=${`Records of ${first?.state.topic ?? ''} that wait in each partition, and the age of the oldest in hand, by the node that holds it`}
      corner="Node  partition"
      columns=${range(partitions).map(String)}
      rows=${ownersOf(
        cells,
        nodes.map(({ nodeId }) => nodeId),
      ).map((owner) => ({
        head: owner,
        cells: range(partitions).map((partition) => cellOf(cells.get(partition), owner, Infinity)),
      }))}
    />
  <//>`;
}

interface HeatCell {
  readonly text: string;
  readonly hot: number;
  readonly isOld: boolean;
}

function cellOf(cell: Cell | undefined, owner: string, cap: number): HeatCell | null {
  if (cell?.owner !== owner) return null;
  const { rows, ageMs } = cell;
  const age = ageMs === null || rows === 0 ? '' : ` · ${duration(ageMs / 1000)}`;
  return {
    text: `${cappedCount(rows, cap - 1)}${age}`,
    // By magnitude: ten look different from a thousand, and a thousand from a million.
    hot: Math.min(1, Math.log10(rows + 1) / 5),
    isOld: owner === 'nobody' || (rows > 0 && (ageMs ?? 0) >= OLD_MS),
  };
}

function Heat({
  caption,
  corner,
  columns,
  rows,
}: {
  caption: string;
  corner: string;
  columns: readonly string[];
  rows: readonly { head: string; cells: readonly (HeatCell | null)[] }[];
}): View {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table class="heat">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">${corner}</th>
          ${columns.map((name) => html`<th scope="col" class="number">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ head, cells }) =>
            html`<tr key=${head}>
              <th scope="row" class="rowhead">${head}</th>
              ${cells.map((cell) =>
                cell === null
                  ? html`<td class="cell none"><span class="visually-hidden">held by another</span></td>`
                  : html`<td class=${`cell${cell.isOld ? ' alert' : ''}`} style=${`--hot:${cell.hot.toFixed(2)}`}>
                      ${cell.text}
                    </td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
