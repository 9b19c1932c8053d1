import type { DatabaseStage } from './database-stage.ts';
import { postgresDatabase } from './postgres-database.ts';
import { simulatedDatabase } from './simulated-database.ts';

/** For `describe.each`: what has to behave alike. */
export const DATABASES: readonly { readonly name: string; readonly open: () => Promise<DatabaseStage> }[] = [
  { name: 'the simulated database', open: simulatedDatabase },
  { name: 'PostgreSQL', open: postgresDatabase },
];

/** One stage for the tests of a `describe`; what a test leaves open ends with it. */
export function stageOf(open: () => Promise<DatabaseStage>): () => DatabaseStage {
  let stage: DatabaseStage | undefined;
  beforeAll(async () => {
    stage = await open();
  });
  afterEach(async () => {
    await stage?.endAll();
  });
  afterAll(async () => {
    await stage?.close();
  });
  return () => {
    if (stage === undefined) throw new Error('The stage is not open yet.');
    return stage;
  };
}
