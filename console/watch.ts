import { RINGS, type Figures, type RingName } from '../contract/figures.ts';
import type { FlowRow } from './answers.ts';
import type { Ask } from './ask.ts';
import { Flow } from './flow.ts';

/** A node that takes longer has a gap. */
const ASK_TIMEOUT_MS = 2000;
/** Nodes' clocks, and the way: rows are shown when every node has had the time to tell. */
export const BEHIND_S = 2;
/** Without anybody who looks, what was gathered is forgotten: it is asked for again. */
const FORGET_AFTER_MS = 30_000;

/** Gathers the figures of all nodes, as long as somebody looks. */
export class Watch {
  readonly #ask: Ask;
  #flows = freshFlows();
  #lookedAt = 0;
  readonly #underWay = new Map<RingName, Promise<void>>();
  /** What each node says of itself. */
  readonly told = new Map<string, Pick<Figures, 'version' | 'startedAt'>>();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Asks every node for what it has not told yet; of several who ask at a time only the first does. */
  async gather(ring: RingName, now = Date.now()): Promise<Flow> {
    if (now - this.#lookedAt > FORGET_AFTER_MS) this.#flows = freshFlows();
    this.#lookedAt = now;
    const flow = this.#flows[ring];
    const underWay =
      this.#underWay.get(ring) ??
      this.#gatherOnce(ring, flow).finally(() => {
        this.#underWay.delete(ring);
      });
    this.#underWay.set(ring, underWay);
    await underWay;
    return flow;
  }

  /** @returns the rows of a whole ring, up to now */
  async history(ring: RingName, now = Date.now()): Promise<FlowRow[]> {
    const flow = await this.gather(ring, now);
    const until = Math.floor(now / 1000) - BEHIND_S;
    const { stepS, rows } = RINGS[ring];
    return flow.rows(until - stepS * (rows - 1), until);
  }

  async #gatherOnce(ring: RingName, flow: Flow): Promise<void> {
    const nodes = this.#ask.nodes().filter(({ isHere }) => isHere);
    await Promise.all(
      nodes.map(async ({ id, services }) => {
        const service = services.find((name) => this.#ask.has(`${name}.figures`, id));
        if (service === undefined) return;
        const asked = { ring, since: flow.knownUntil(id) };
        const figures = await this.#ask
          .call<Figures>(`${service}.figures`, asked, { nodeId: id, timeoutMs: ASK_TIMEOUT_MS })
          .catch(() => null);
        if (figures !== null) {
          flow.add(figures);
          this.told.set(id, figures);
        }
      }),
    );
  }
}

function freshFlows(): Record<RingName, Flow> {
  return { seconds: new Flow('seconds'), minutes: new Flow('minutes') };
}
