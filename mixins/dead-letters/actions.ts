import type { ActionSchema, Context, Service } from 'moleculer';
import type { ActKind, ActReport, LetterGroup, LettersPage, ListedAct, Side } from '../../contract/dead-letters.ts';
import { problem } from '../../problems/problems.ts';
import type { DatabaseService } from '../database.mixin.ts';
import { listActs } from './acts.ts';
import { letterGroups } from './groups.ts';
import { readActParams, readActsParams, readListParams, readShowParams } from './read-params.ts';
import { sidesOf, type DeadLetterSide } from './sides.ts';

/**
 * What both mixins give to their service, for a REPL and for other services; on no route of HTTP. Whoever may call on
 * the bus may do it: `by` is what they say of themselves.
 *
 * `<service>.deadLetters.count`, `.groups`, `.list`, `.show`, `.replay`, `.discard`, `.acts`. Parameters and answers:
 * docs/dead-letters.md.
 */
export function deadLetterActions(): Record<string, ActionSchema> {
  return {
    'deadLetters.count': {
      visibility: 'public',
      async handler(this: Service) {
        const counts = [...sidesOf(this).values()].map(async (side) =>
          (await side.count()).map((each) => ({ side: side.side, ...each })),
        );
        return (await Promise.all(counts)).flat();
      },
    },
    'deadLetters.groups': {
      visibility: 'public',
      async handler(this: Service): Promise<LetterGroup<Date>[]> {
        const { sequelize } = this as DatabaseService;
        return (await Promise.all([...sidesOf(this).keys()].map((side) => letterGroups(sequelize, side)))).flat();
      },
    },
    'deadLetters.list': {
      visibility: 'public',
      async handler(this: Service, ctx: Context): Promise<LettersPage<Date>> {
        const { side, selection, after, limit } = readListParams(ctx.params);
        const page = await sideOf(this, side).list(selection, after, limit);
        return { ...page, after: page.letters.length === limit ? (page.letters.at(-1)?.id ?? null) : null };
      },
    },
    'deadLetters.show': {
      visibility: 'public',
      async handler(this: Service, ctx: Context): Promise<object> {
        const { side, id } = readShowParams(ctx.params);
        const letter = await sideOf(this, side).show(id);
        if (letter === null) {
          throw problem('not-found', `There is no dead letter ${id} (any more). The acts say what became of it.`);
        }
        return letter;
      },
    },
    'deadLetters.replay': actAction('replay'),
    'deadLetters.discard': actAction('discard'),
    'deadLetters.acts': {
      visibility: 'public',
      handler(this: Service, ctx: Context): Promise<ListedAct<Date>[]> {
        const { before, limit } = readActsParams(ctx.params);
        return listActs((this as DatabaseService).sequelize, before, limit);
      },
    },
  };
}

function actAction(kind: ActKind): ActionSchema {
  return {
    visibility: 'public',
    handler(this: Service, ctx: Context): Promise<ActReport> {
      const { side, request } = readActParams(kind, ctx.params);
      return sideOf(this, side).act(request);
    },
  };
}

function sideOf(service: Service, side: Side): DeadLetterSide {
  const found = sidesOf(service).get(side);
  if (found !== undefined) return found;
  const what = side === 'consumer' ? 'consumes no events' : 'has no outbox';
  throw problem('invalid-input', `The service ${service.name} ${what}: it has no dead letters of side ${side}.`, {
    errors: [{ pointer: '/side', detail: `${service.name} ${what}.` }],
  });
}
