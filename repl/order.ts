import type { OrderStory, StoryStep } from '../contract/story.ts';
import type { ReplCommand } from './command.ts';
import { duration, table } from './print-table.ts';

/** `order <id>`: its whole story. */
export const order: ReplCommand = {
  name: 'order',
  description: "an order's whole story: each step with its time, place and node, and its ledger entries",
  usage: ['<order id> [--json]'],
  options: { json: { description: 'the story as one JSON document, for a machine' } },
  async run({ broker, words, switches, print }) {
    const [orderId, ...more] = words;
    if (orderId === undefined || more.length > 0) throw new Error('Which order? order <order id>.');
    const story = await broker.call<OrderStory, object>('orders.story', { orderId });
    print(switches.has('json') ? JSON.stringify(story) : describeStory(story));
  },
};

/** A story as a timeline in text. */
export function describeStory(story: OrderStory): string {
  const { order: known, entries, deadLetters, missing } = story;
  const head =
    known === null
      ? `Order ${story.orderId}: unknown to orders`
      : `Order ${known.orderId} of ${known.userId} over ${known.amount}: ${known.status}${known.reason === null ? '' : `, ${known.reason}`}`;
  return [
    head,
    '',
    ...story.steps.flatMap(lineOf),
    ...(entries.length === 0
      ? []
      : [
          '',
          table(
            ['ledger entry', 'amount', 'balance after', 'version', 'booked (UTC)'],
            entries.map((each) => [each.entryId, each.amount, each.balanceAfter, String(each.version), each.createdAt]),
          ),
        ]),
    ...(deadLetters.length === 0
      ? []
      : [
          '',
          table(
            ['dead letter', 'consumer', 'state', 'since (UTC)', ''],
            deadLetters.map((each) => [each.deadLetterId, each.consumer ?? '-', each.state, each.at, each.error]),
          ),
        ]),
    ...(missing.length === 0 ? [] : ['', ...missing.map((sentence) => `  Missing: ${sentence}`)]),
  ].join('\n');
}

const TIME_WIDTH = 10;

function lineOf(step: StoryStep, index: number): string[] {
  const { at, sinceStartMs, title, detail } = step;
  const time = at === null ? '?' : sinceStartMs === null ? at : `+${duration(sinceStartMs)}`;
  const margin = ' '.repeat(TIME_WIDTH + 2);
  const facts = [
    ...(index === 0 && at !== null ? [at] : []),
    ...(step.tookMs === null ? [] : [`took ${duration(step.tookMs)}`]),
    ...(step.record === null ? [] : [`${step.record.topic}/${step.record.partition}/${step.record.offset}`]),
    ...(step.node === null ? [] : [`on ${step.node}`]),
    ...(step.attempts === null || step.attempts < 2 ? [] : [`${step.attempts} attempts`]),
    ...(step.duplicates === null || step.duplicates === 0 ? [] : [`${step.duplicates} duplicates skipped`]),
  ];
  return [
    `  ${time.padStart(TIME_WIDTH)}  ${title}`,
    ...(facts.length === 0 ? [] : [`  ${margin}${facts.join(', ')}`]),
    ...(detail === null ? [] : [`  ${margin}${detail}`]),
  ];
}
