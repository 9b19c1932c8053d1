import { startSystem, type System } from '../../test/support/own-system.ts';
import type { Places } from '../harness/places.ts';
import type { Opened, Variant } from '../harness/benchmark.ts';

/** A system, and what is measured on it. */
export interface SystemPlan {
  /** Of the nodes, besides. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it is to be of its own, also where others are shared. */
  readonly isOwn?: boolean;
  /** Nodes of each service: 1 unless given. */
  readonly count?: number;
  /** Fills and warms the system up. */
  readonly prepare: (system: System) => Promise<readonly Variant[]>;
}

/** Starts one system after the other; they stay side by side until all is measured, so that their variants can take turns. */
export async function openSystems(places: Places, plans: readonly SystemPlan[]): Promise<Opened> {
  const systems: System[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(systems.map((system) => system.stop()));
  };
  try {
    const variants: Variant[] = [];
    for (const { environment, count, isOwn = false, prepare } of plans) {
      const isPlain = !isOwn && environment === undefined && (count ?? 1) === 1;
      const system = isPlain ? await places.system() : await startSystem(environment, count);
      systems.push(system);
      variants.push(...(await prepare(system)));
    }
    return { variants, close };
  } catch (error) {
    await close();
    throw error;
  }
}
