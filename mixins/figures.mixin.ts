import type { Context, Service, ServiceSchema } from 'moleculer';
import { RINGS, type Figures, type FiguresInput } from '../contract/figures.ts';
import { figureRecorderOf } from '../metrics/figure-recorder.ts';
import product from '../package.json' with { type: 'json' };

const STARTED_AT = new Date(Date.now() - process.uptime() * 1000).toISOString();

/** Lets a service's nodes remember their key figures, and tell them: `<service>.figures`, of the node that is asked. */
export function figures(): Partial<ServiceSchema> {
  return {
    actions: {
      figures: {
        visibility: 'public',
        params: {
          ring: { type: 'enum', values: Object.keys(RINGS), optional: true },
          since: { type: 'number', optional: true },
        },
        handler(this: Service, ctx: Context<FiguresInput>): Figures {
          const { ring = 'seconds', since = 0 } = ctx.params;
          const kept = figureRecorderOf(this.broker).ring(ring);
          const { nodeID: nodeId } = this.broker;
          return {
            nodeId,
            version: product.version,
            startedAt: STARTED_AT,
            ring,
            names: kept.names,
            rows: kept.since(since),
          };
        },
      },
    },
    started(this: Service) {
      figureRecorderOf(this.broker).start();
      return Promise.resolve();
    },
    stopped(this: Service) {
      figureRecorderOf(this.broker).stop();
      return Promise.resolve();
    },
  };
}
