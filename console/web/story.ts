import type { Order } from '../../contract/outputs.ts';
import type { OrderStory, StoryStep } from '../../contract/story.ts';
import { count, duration, money, Time, utc } from './format.ts';
import { html, type View } from './html.ts';
import { Empty, Panel } from './parts.ts';

/** What became of an order, step by step: as a picture, and the same as a table. */

const LANES = ['orders', 'kafka', 'payments'] as const;
const LANE_HEIGHT = 74;
const LEFT = 86;
/** Seven steps fit a page. */
const MIN_GAP = 96;
const MAX_GAP = 140;
/** Longer than this between two steps is drawn as a break: what happened matters, and not the waiting's width. */
const BREAK_FROM_MS = 2000;
const WRONG = new Set(['parked', 'dead-letter', 'discarded']);
const WAITING = new Set(['waits-in-outbox', 'in-topic', 'waits-for-payment']);

export function StoryPanel({
  order,
  story,
  failure,
}: {
  order: Order;
  story: OrderStory | null;
  failure: string | null;
}): View {
  if (story === null) {
    return html`<div class="notice warn" role="status">
      <strong>Its story cannot be told just now.</strong>${failure} What the order is stands above.
    </div>`;
  }
  return html`
    ${story.missing.map((sentence) => html`<div class="notice warn" role="status">${sentence}</div>`)}
    <${Panel} title="Story" label="Story" aside=${html`<span class="muted small">${totalOf(story, order)}</span>`}>
      <div
        class="body lanes"
        tabindex="0"
        role="region"
        aria-label="Picture of the story; the table below says the same"
      >
        <${Swimlane} steps=${story.steps} />
      </div>
      <${Steps} steps=${story.steps} />
    <//>
    <${Panel} title="Ledger entries" label="Ledger entries">
      ${
        story.entries.length === 0
          ? html`<${Empty} title="No money has moved for this order."
              >${order.status === 'CANCELLED' ? 'It was cancelled: nothing was taken.' : 'It has not been paid yet.'}<//
            >`
          : html`<div class="scroll" tabindex="0" role="region" aria-label="Ledger entries of the order">
              <table>
                <caption class="visually-hidden">
                  Ledger entries of the order
                </caption>
                <thead>
                  <tr>
                    <th scope="col">What</th>
                    <th scope="col" class="number">Amount</th>
                    <th scope="col" class="number">Balance after</th>
                    <th scope="col" class="number">Account’s version</th>
                    <th scope="col">Entry</th>
                    <th scope="col">When</th>
                  </tr>
                </thead>
                <tbody>
                  ${story.entries.map(
                    (entry) =>
                      html`<tr key=${entry.entryId}>
                        <th scope="row">${entry.kind}</th>
                        <td class="number">${money(entry.amount)}</td>
                        <td class="number">${money(entry.balanceAfter)}</td>
                        <td class="number">${count(entry.version)}</td>
                        <td class="mono nowrap">${entry.entryId}</td>
                        <td><${Time} at=${entry.createdAt} /></td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
      }
    <//>
    ${
      story.deadLetters.length === 0
        ? null
        : html`<${Panel} title="Dead letters" label="Letters"
            ><div class="scroll" tabindex="0" role="region" aria-label="Letters">
              <table>
                <caption class="visually-hidden">
                  Dead letters of the order, and what became of them
                </caption>
                <thead>
                  <tr>
                    <th scope="col">Letter</th>
                    <th scope="col">State</th>
                    <th scope="col">Where</th>
                    <th scope="col">Why</th>
                    <th scope="col">When</th>
                  </tr>
                </thead>
                <tbody>
                  ${story.deadLetters.map(
                    ({ deadLetterId, service, consumer, state, error, at }) =>
                      html`<tr>
                        <th scope="row">
                          ${state === 'open' ? html`<a href=${`/console/dead-letters/${service}/${consumer === null ? 'relay' : 'consumer'}/${deadLetterId}`}>${deadLetterId}</a>` : deadLetterId}
                        </th>
                        <td>${state}</td>
                        <td>${consumer ?? `${service} (relay)`}</td>
                        <td>${error}</td>
                        <td><${Time} at=${at} /></td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div><//
          >`
    }
  `;
}

function totalOf({ steps }: OrderStory, { status }: Order): string {
  const last = steps.findLast(({ sinceStartMs }) => sinceStartMs !== null)?.sinceStartMs;
  if (last === undefined || last === null) return `${steps.length} steps`;
  return status === 'NEW'
    ? `under way for ${duration(last / 1000)}`
    : `${steps.length} steps in ${duration(last / 1000)}`;
}

function Steps({ steps }: { steps: readonly StoryStep[] }): View {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Steps of the story">
    <table>
      <caption class="visually-hidden">
        Each step, from cause to effect
      </caption>
      <thead>
        <tr>
          <th scope="col" class="number">After</th>
          <th scope="col" class="number">Took</th>
          <th scope="col">Step</th>
          <th scope="col">Where</th>
          <th scope="col">Record</th>
          <th scope="col" class="number">Attempts</th>
          <th scope="col" class="number">Duplicates</th>
        </tr>
      </thead>
      <tbody>
        ${steps.map(
          (step) =>
            html`<tr key=${step.name}>
              <td class="number" title=${step.at === null ? '' : utc(step.at)}>${ms(step.sinceStartMs)}</td>
              <td class="number">${ms(step.tookMs)}</td>
              <th scope="row">
                <span class="status" style="white-space:normal"
                  ><i class="dot ${toneOf(step)}" aria-hidden="true"></i>${step.title}</span
                >
                ${step.detail ? html`<div class="muted small">${step.detail}</div>` : null}
                ${step.event ? html`<div class="muted small"><span>${step.event.type}</span> <span class="mono">${step.event.eventId}</span></div>` : null}
              </th>
              <td>${step.service}${step.node ? html`<div class="muted small nowrap">${step.node}</div>` : null}</td>
              <td>
                ${
                  step.record
                    ? html`<span class="nowrap">${step.record.topic}</span>
                        <div class="muted small nowrap">
                          partition ${step.record.partition}, offset ${step.record.offset}
                        </div>`
                    : html`<span class="muted">–</span>`
                }
              </td>
              <td class="number">${step.attempts ?? html`<span class="muted">–</span>`}</td>
              <td class="number">${step.duplicates ?? html`<span class="muted">–</span>`}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function ms(value: number | null): string {
  return value === null ? '–' : duration(value / 1000);
}

function toneOf({ name }: StoryStep): string {
  return WRONG.has(name) ? 'bad' : WAITING.has(name) ? 'warn' : 'good';
}

interface Placed {
  readonly step: StoryStep;
  readonly x: number;
  readonly y: number;
  /** Between the step before and this one, where it is drawn as a break. */
  readonly brokenMs: number | null;
}

/** Time goes to the right: wider where more of it passed, within bounds. */
function placed(steps: readonly StoryStep[]): Placed[] {
  let x = LEFT + 24;
  const gaps = steps
    .map(({ sinceStartMs }) => sinceStartMs ?? 0)
    .map((at, index, all) => (index === 0 ? 0 : Math.max(0, at - (all[index - 1] ?? 0))));
  const longest = Math.max(1, ...gaps.filter((gap) => gap < BREAK_FROM_MS));
  return steps.map((step, index) => {
    const gap = gaps[index] ?? 0;
    const isBroken = gap >= BREAK_FROM_MS;
    if (index > 0) x += isBroken ? MAX_GAP : MIN_GAP + (MAX_GAP - MIN_GAP) * (gap / longest);
    return { step, x, y: LANES.indexOf(step.service) * LANE_HEIGHT + LANE_HEIGHT / 2, brokenMs: isBroken ? gap : null };
  });
}

const COLORS: Readonly<Record<string, string>> = { good: 'var(--good)', warn: 'var(--warn)', bad: 'var(--bad)' };
const SHORT: Readonly<Record<string, string>> = {
  accepted: 'accepted',
  published: 'published',
  received: 'received',
  decided: 'decided',
  'decision-published': 'published',
  'decision-received': 'received',
  settled: 'settled',
  'waits-in-outbox': 'waits in the outbox',
  parked: 'refused by Kafka',
  'in-topic': 'waits in the topic',
  'dead-letter': 'dead letter',
  discarded: 'discarded',
  'waits-for-payment': 'waits for payments',
};

function Swimlane({ steps }: { steps: readonly StoryStep[] }): View {
  const points = placed(steps);
  const width = Math.max(760, (points.at(-1)?.x ?? 0) + 110);
  const height = LANES.length * LANE_HEIGHT;
  return html`<svg
    viewBox=${`0 0 ${width} ${height}`}
    style=${`min-width:${width}px`}
    role="img"
    aria-label=${`The order in ${steps.length} steps: ${steps.map(({ title }) => title).join('; ')}`}
  >
    ${LANES.map(
      (lane, index) =>
        html`<g>
          <rect
            x="0"
            y=${index * LANE_HEIGHT}
            width=${width}
            height=${LANE_HEIGHT}
            fill=${index % 2 === 0 ? 'var(--raised)' : 'transparent'}
            opacity="0.6"
          ></rect>
          <text class="quiet" x="14" y=${index * LANE_HEIGHT + LANE_HEIGHT / 2 + 4}>${lane}</text>
          <line
            x1=${LEFT}
            x2=${width}
            y1=${index * LANE_HEIGHT + LANE_HEIGHT / 2}
            y2=${index * LANE_HEIGHT + LANE_HEIGHT / 2}
            stroke="var(--line)"
          ></line>
        </g>`,
    )}
    ${points.slice(1).map(({ x, y, brokenMs }, index) => {
      const from = points[index];
      if (from === undefined) return null;
      const middle = (from.x + x) / 2;
      return html`<g>
        <path
          d=${`M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${y} ${x} ${y}`}
          fill="none"
          stroke="var(--line-strong)"
          stroke-width="1.5"
          stroke-dasharray=${brokenMs === null ? undefined : '2 5'}
        ></path>
        ${brokenMs === null ? null : html`<text class="quiet" x=${middle} y=${(from.y + y) / 2 - 8} text-anchor="middle">${duration(brokenMs / 1000)} idle</text>`}
      </g>`;
    })}
    ${points.map(
      ({ step, x, y }) =>
        html`<g>
          <title>${step.title}</title>
          <circle cx=${x} cy=${y} r="6" fill=${COLORS[toneOf(step)]} stroke="var(--panel)" stroke-width="2"></circle>
          <text x=${x} y=${y - 13} text-anchor="middle">${SHORT[step.name] ?? step.name}</text>
          <text class="quiet" x=${x} y=${y + 24} text-anchor="middle"
            >${step.sinceStartMs === null ? '' : `+${ms(step.sinceStartMs)}`}</text
          >
        </g>`,
    )}
  </svg>`;
}
