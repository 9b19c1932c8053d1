import type { LetterGroup, ListedAct } from '../contract/dead-letters.ts';
import type { Figures } from '../contract/figures.ts';
import type { ConsumersState, OutboxState } from '../contract/node-states.ts';
import type { Account, LedgerEntry, Order, Page } from '../contract/outputs.ts';
import type { OrderStory } from '../contract/story.ts';

/**
 * What the console's own addresses answer, below `/console/api`: the server writes it and the page reads it. What an action
 * answers is in `contract/`, and goes through as it is.
 */

export type { AuditAnswer, AuditReport } from '../audit/report.ts';

/** What the console says of where it runs. */
export interface About {
  readonly nodeId: string;
  readonly namespace: string;
  readonly environment: string;
}

export interface Session extends About {
  /** The user of the token; null when that named none. */
  readonly subject: string | null;
  /** Milliseconds since the epoch; null without a session: from this machine, where no token is set. */
  readonly expiresAt: number | null;
}

/** What is wrong, each a row with where to look and what to type. */
export interface Problem {
  readonly severity: 'alarm' | 'warning';
  /** A sentence. */
  readonly what: string;
  /** What it means, or what to do next. */
  readonly next: string;
  /** A view of the console. */
  readonly view: string;
  /** The same in the REPL. */
  readonly repl: string;
}

export interface AuditSummary {
  readonly startedAt: string;
  readonly violations: number;
  readonly unanswered: number;
  readonly isRunning: boolean;
}

export interface Overview {
  /** RFC 3339. */
  readonly at: string;
  readonly problems: readonly Problem[];
  readonly nodes: { readonly here: number; readonly gone: number };
  /** Null when it could not be asked. */
  readonly deadLetters: number | null;
  /** Orders that are NEW for too long; null when it could not be asked. */
  readonly stuck: number | null;
  readonly audit: AuditSummary | null;
}

/** The moment in seconds since the epoch, then the columns. */
export type FlowRow = readonly [number, ...(number | null)[]];

export interface FlowTable {
  /** Behind the moment. */
  readonly columns: readonly string[];
  readonly stepS: number;
  readonly rows: readonly FlowRow[];
}

/** An order, and its story where a node of orders can tell it. */
export interface ToldOrder {
  readonly order: Order;
  readonly story: OrderStory | null;
  readonly storyFailure: string | null;
}

export interface AccountWithEntries {
  readonly account: Account;
  readonly entries: Page<LedgerEntry>;
}

/** A node's answer, or why there is none. */
export type Answered<T> =
  | { readonly nodeId: string; readonly service: string; readonly answer: T; readonly failure?: never }
  | { readonly nodeId: string; readonly service: string; readonly answer?: never; readonly failure: string };

export interface Pipeline {
  readonly outboxes: readonly Answered<OutboxState>[];
  readonly consumers: readonly Answered<ConsumersState>[];
  /** Services of which no node is here. */
  readonly away: readonly string[];
}

/** The dead letters of a service in groups, or why they cannot be shown. */
export type ServiceGroups =
  | { readonly service: string; readonly groups: readonly LetterGroup[]; readonly failure?: never }
  | { readonly service: string; readonly groups?: never; readonly failure: string };

export interface DeadLetterGroups {
  readonly services: readonly ServiceGroups[];
  readonly away: readonly string[];
}

export interface LetterActs {
  readonly acts: readonly ListedAct[];
}

/** A node as the gateway knows it. */
export interface KnownNode {
  readonly id: string;
  readonly isHere: boolean;
  readonly services: readonly string[];
  readonly hostname: string;
  readonly addresses: readonly string[];
  /** Of Node.js. */
  readonly runtime: string;
  readonly moleculer: string;
  readonly silentForMs: number | null;
  readonly cpuPercent: number | null;
}

/** The same with what it says of itself. */
export interface ClusterNode extends KnownNode, Partial<Pick<Figures, 'version' | 'startedAt'>> {
  readonly figures: Readonly<Record<string, number>>;
  readonly heapSeries: readonly (number | null)[];
  readonly loopSeries: readonly (number | null)[];
}

export interface Cluster {
  readonly nodes: readonly ClusterNode[];
}

/** Where something is shown; or, in a sentence, why nowhere. */
export interface Found {
  readonly path: string | null;
  readonly detail: string | null;
}
