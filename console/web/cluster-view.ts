import type { Cluster } from '../answers.ts';
import { useData } from './api.ts';
import { bytes, count, duration, percent, Time } from './format.ts';
import { html, type View } from './html.ts';
import { Copy, Head, Repl, Shown, Spark } from './parts.ts';

export function ClusterView(): View {
  const loaded = useData<Cluster>('/console/api/cluster', 3000);
  return html`
    <${Head}
      title="Cluster"
      aside=${html`<${Copy} text=${JSON.stringify(loaded.data?.nodes ?? [], null, 2)} label="Copy report" />`}
    >
      The nodes that are here, and those that were. The event loop is how much of its time a node computes: near 100 %
      everything waits.
    <//>
    <section class="panel" aria-label="Nodes">
      <${Shown} loaded=${loaded} what="The cluster"
        >${({ nodes }: Cluster) =>
          html` <div class="scroll" tabindex="0" role="region" aria-label="List of nodes">
            <table>
              <caption>
                ${count(nodes.filter(({ isHere }) => isHere).length)} nodes are here
              </caption>
              <thead>
                <tr>
                  <th scope="col">Node</th>
                  <th scope="col">State</th>
                  <th scope="col">Services</th>
                  <th scope="col">Version</th>
                  <th scope="col">Up since</th>
                  <th scope="col" class="number">Event loop</th>
                  <th scope="col"><span class="visually-hidden">Event loop, last minute</span></th>
                  <th scope="col" class="number">Heap</th>
                  <th scope="col"><span class="visually-hidden">Heap, last minute</span></th>
                  <th scope="col" class="number">Memory</th>
                  <th scope="col">Database pool</th>
                  <th scope="col">Host</th>
                </tr>
              </thead>
              <tbody>
                ${nodes.map(
                  (node) =>
                    html`<tr key=${node.id}>
                      <th scope="row" class="nowrap">${node.id}</th>
                      <td>
                        <span class="status"
                          ><i class="dot ${node.isHere ? 'good' : 'bad'}" aria-hidden="true"></i
                          >${node.isHere ? 'here' : `gone${node.silentForMs === null ? '' : `, silent for ${duration(node.silentForMs / 1000)}`}`}</span
                        >
                      </td>
                      <td>${node.services.join(', ')}</td>
                      <td class="nowrap">
                        ${node.version ?? '–'} <span class="muted small">Node ${node.runtime.replace('v', '')}</span>
                      </td>
                      <td><${Time} at=${node.startedAt} /></td>
                      <td class="number">${percent(node.figures['loop'])}</td>
                      <td>
                        <${Spark} values=${node.loopSeries} label=${`Event loop of ${node.id} over the last minute`} />
                      </td>
                      <td class="number">${bytes(node.figures['heap'])}</td>
                      <td><${Spark} values=${node.heapSeries} label=${`Heap of ${node.id} over the last minute`} /></td>
                      <td class="number">${bytes(node.figures['rss'])}</td>
                      <td class="nowrap">${poolText(node.figures)}</td>
                      <td class="muted small nowrap">${node.hostname}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`}<//
      >
    </section>
    <${Repl} line="nodes" />
  `;
}

/** `pool:<service>:<state>` */
function poolText(figures: Readonly<Record<string, number>>): string {
  const pools = Object.entries(figures).filter(([name]) => name.startsWith('pool:'));
  if (pools.length === 0) return '–';
  return pools.map(([name, value]) => `${count(value)} ${name.split(':')[2] ?? ''}`).join(', ');
}
