import { startSystem, type System } from '../../test/support/own-system.ts';
import type { Opened, Variant } from '../harness/benchmark.ts';

/** A system, and what is measured on it. */
export interface SystemPlan {
  /** Of the nodes, besides. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Nodes of each service: 1 unless given. */
  readonly count?: number;
  /** Fills and warms the system up. */
  readonly prepare: (system: System) => Promise<readonly Variant[]>;
}

/** Starts one system after the other; they stay side by side until all is measured, so that their variants can take turns. */
export async function openSystems(plans: readonly SystemPlan[]): Promise<Opened> {
  const systems: System[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(systems.map((system) => system.stop()));
  };
  try {
    const variants: Variant[] = [];
    for (const { environment, count, prepare } of plans) {
      const system = await startSystem(environment, count);
      systems.push(system);
      variants.push(...(await prepare(system)));
    }
    return { variants, close };
  } catch (error) {
    await close();
    throw error;
  }
}
