import type { Service, ServiceBroker, ServiceSchema } from 'moleculer';
import DbService from 'moleculer-db';
import SequelizeDbAdapter from 'moleculer-db-adapter-sequelize';
import type { Attributes, Model, ModelStatic, WhereOptions } from 'sequelize';

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
  findRow(where: WhereOptions<Attributes<Row>>): Promise<Row | null>;
  findRows(query: Query<Row>): Promise<Row[]>;
}

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

/**
 * The read side of a service: moleculer-db over Sequelize, as two methods. None of moleculer-db's own actions is
 * published: they take raw queries from callers and answer with the database's messages. It writes nothing: its
 * inserts know no transactions.
 */
export function reads(): Partial<ServiceSchema> {
  const mixin = {
    mixins: [DbService as Partial<ServiceSchema>],
    adapter: new ModelAdapter({}),
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
    methods: {
      findRow(this: { adapter: ModelAdapter }, where: WhereOptions) {
        return this.adapter.findOne({ where });
      },
      findRows(this: { adapter: ModelAdapter }, { where, sort, limit }: Query<Model>) {
        return this.adapter.find({ query: where, sort, limit } as Parameters<ModelAdapter['find']>[0]);
      },
    },
  };
  return mixin;
}
