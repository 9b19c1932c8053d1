import DataLoader from 'dataloader';
import type { Service, ServiceBroker, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import DbService from 'moleculer-db';
import SequelizeDbAdapter from 'moleculer-db-adapter-sequelize';
import type { Attributes, Model, ModelStatic, WhereOptions } from 'sequelize';
import { outsideOfRequests } from '../logs/request-context.ts';

/** A read of several rows. */
export interface Query<Row extends Model> {
  readonly where: WhereOptions<Attributes<Row>>;
  /** Attribute names; a leading `-` sorts downwards. */
  readonly sort: string[];
  readonly limit: number;
}

/** What the mixin gives to its service. */
export interface ReadsService<Row extends Model> extends Service {
  /** To be set in the service's `created`, on its own Sequelize. */
  model: ModelStatic<Row>;
  /** By primary key. Reads of one turn of the event loop share a query, which begins after all of them were asked for. */
  findRow(key: string): Promise<Row | null>;
  findRows(query: Query<Row>): Promise<Row[]>;
}

/** Keys of a query: beyond it a read gets no cheaper. */
const MAX_KEYS = 200;

/** What moleculer-db and its adapter keep, and their types do not tell. */
interface AdapterState {
  service: ReadsService<Model>;
  model: ModelStatic<Model>;
}

/**
 * moleculer-db's adapter on a model that exists already: nothing to connect, nothing to synchronise, nothing to close.
 * It holds nothing while the schema is cloned.
 */
class ModelAdapter extends SequelizeDbAdapter {
  override init(_broker: ServiceBroker, service: Service): void {
    (this as unknown as AdapterState).service = service as ReadsService<Model>;
  }

  override connect(): Promise<void> {
    const state = this as unknown as AdapterState;
    state.model = state.service.model;
    return Promise.resolve();
  }

  override disconnect(): Promise<void> {
    return Promise.resolve();
  }
}

/** What the mixin keeps for itself. */
interface LoadingService extends ReadsService<Model> {
  readonly adapter: ModelAdapter;
  rowsByKey: DataLoader<string, Model | null>;
}

/**
 * The read side of a service: moleculer-db over Sequelize, as two methods. None of moleculer-db's own actions is
 * published: they take raw queries from callers and answer with the database's messages. It writes nothing: its
 * inserts know no transactions.
 */
export function reads(): Partial<ServiceSchema> {
  const mixin: Partial<ServiceSchema<ServiceSettingSchema, LoadingService>> = {
    mixins: [DbService as Partial<ServiceSchema>],
    actions: {
      find: false,
      count: false,
      list: false,
      create: false,
      insert: false,
      get: false,
      update: false,
      remove: false,
    },
    created(this: LoadingService) {
      // Nothing is kept: each read sees what was committed before it.
      this.rowsByKey = new DataLoader((keys) => readRows(this.model, keys), {
        cache: false,
        maxBatchSize: MAX_KEYS,
        batchScheduleFn: (read) => {
          outsideOfRequests(() => setImmediate(read));
        },
      });
    },

    methods: {
      findRow(this: LoadingService, key: string) {
        return this.rowsByKey.load(key);
      },
      findRows(this: LoadingService, { where, sort, limit }: Query<Model>) {
        return this.adapter.find({ query: where, sort, limit } as Parameters<ModelAdapter['find']>[0]);
      },
    },
  };
  // Of moleculer-db, and in no type.
  const adapter = { adapter: new ModelAdapter({}) };
  return { ...(mixin as Partial<ServiceSchema>), ...adapter };
}

/** @returns for each key its row, in their order */
async function readRows(model: ModelStatic<Model>, keys: readonly string[]): Promise<(Model | null)[]> {
  const name = model.primaryKeyAttribute;
  const rows = await model.findAll({ where: { [name]: [...new Set(keys)] } });
  const byKey = new Map(rows.map((row) => [row.get(name), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}
