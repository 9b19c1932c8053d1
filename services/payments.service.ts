import type { Context, ServiceBroker, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import { Op, type ModelStatic, type Transaction } from 'sequelize';
import { uuidv7 } from 'uuidv7';
import { doorAccess, loadConfig, type Config } from '../config/config.ts';
import { browseAccountsInput, type BrowsedAccounts, type CheckedAccount } from '../contract/browse.ts';
import {
  cursorAfterEntry,
  depositInput,
  listEntriesInput,
  openAccountInput,
  showBalanceInput,
  showOrderInput,
  versionOfCursor,
} from '../contract/inputs.ts';
import type { PaymentsStory } from '../contract/story.ts';
import { repeatDecisionsInput, type KnownDecisions } from '../contract/order-decisions.ts';
import type { Account as AccountAnswer, LedgerEntry as LedgerEntryAnswer, Page } from '../contract/outputs.ts';
import { cutPage } from '../contract/page.ts';
import { EVENT_TYPES } from '../events/catalogue.ts';
import type { ReceivedEvent } from '../events/event.ts';
import type { OrderCreated } from '../events/order-created.ts';
import { eventTopics } from '../events/topics.ts';
import { paymentRoutes } from '../http/routes.ts';
import { ledgerConflictsOf } from '../metrics/ledger-metrics.ts';
import { writeMetricsOf } from '../metrics/write-metrics.ts';
import { batchingOf } from '../mixins/batching.ts';
import { database } from '../mixins/database.mixin.ts';
import { figures } from '../mixins/figures.mixin.ts';
import { GroupCommit, PostgresWriteStore } from '../mixins/group-commit.ts';
import { idempotencyKeys, submitCall } from '../mixins/idempotency-keys.mixin.ts';
import { idempotentConsumer, type ConsumingSchema } from '../mixins/idempotent-consumer.mixin.ts';
import { operatorReads, type OperatorReadsService } from '../mixins/operator-reads.mixin.ts';
import { outbox, type OutboxService } from '../mixins/outbox.mixin.ts';
import { reads, type ReadsService } from '../mixins/reads.mixin.ts';
import { rest } from '../mixins/rest.mixin.ts';
import { minorUnitsOf } from '../money/money.ts';
import { accountNotFound } from '../problems/unknown.ts';
import { defineAccount, toAccount, type AccountRow } from './payments/account.model.ts';
import { logsEachThing } from '../logs/each-thing.ts';
import { continueTraces } from '../tracing/continue-traces.ts';
import { bookDeposits } from './payments/book-deposits.ts';
import { browseAccounts, checkAccount } from './payments/browse-accounts.ts';
import { defineLedgerEntry, toEntry, type LedgerEntryRow } from './payments/ledger-entry.model.ts';
import { paymentsSchema } from './payments/schema.ts';
import { openAccounts, type OpeningRequest } from './payments/open-accounts.ts';
import { logDecisions } from './payments/log-decisions.ts';
import { payOrders } from './payments/pay-orders.ts';
import { describeAccount, describeEntry, type DepositRequest } from './payments/payment.ts';
import { PostgresLedgerStore } from './payments/postgres-ledger-store.ts';
import { repeatDecisions } from './payments/repeat-decisions.ts';
import { tellPaymentsStory } from './payments/payments-story.ts';
import { restoreDecisions, type PaymentDecided } from './payments/restore-decisions.ts';

type Schema = ServiceSchema<ServiceSettingSchema, PaymentsService> & ConsumingSchema<PaymentsService>;

interface PaymentsService extends OutboxService, OperatorReadsService, ReadsService<AccountRow> {
  /** Beside the mixin's one model, and read directly: moleculer-db knows a service as one table. */
  entryModel: ModelStatic<LedgerEntryRow>;
  openings: GroupCommit<OpeningRequest, AccountAnswer>;
  deposits: GroupCommit<DepositRequest, AccountAnswer>;
  ledgerStore(transaction: Transaction): PostgresLedgerStore;
}

/**
 * Payments: keeps accounts and their ledger, and pays for each order at most once.
 *
 * What is written here is wiring; the decisions are in `payments/payment.ts`.
 */
export function paymentsService(config: Config): Schema {
  const topics = eventTopics(config.namespace);
  const { transactions, outbox: relaying } = batchingOf(config);
  return {
    name: 'payments',

    // They start from the last to the first, and stop from the first to the last.
    mixins: [
      rest({
        ...config.http,
        port: config.http.paymentsPort,
        routes: paymentRoutes,
        requestTimeoutMs: config.requestTimeoutMs,
        access: doorAccess(config.access),
      }),
      idempotentConsumer({
        kafka: config.kafka,
        namespace: config.namespace,
        paused: !config.consumes,
        ...transactions,
      }),
      outbox({
        directUrl: config.payments.directUrl,
        kafka: config.kafka,
        topic: topics.payments,
        events: EVENT_TYPES.payments,
        source: '/payments',
        ...relaying,
      }),
      reads(),
      operatorReads(config.payments),
      figures(),
      idempotencyKeys({ keepHours: config.idempotencyKeyHours }),
      database({ config: config.payments, migrations: paymentsSchema }),
    ],

    consumes: {
      pay: {
        topic: topics.orders,
        events: EVENT_TYPES.orders,
        async handle(this: PaymentsService, events: ReceivedEvent<OrderCreated>[], { transaction, afterCommit }) {
          const traceparentOf = continueTraces(
            events,
            ({ aggregateId }) => aggregateId,
            ({ traceparent }) => traceparent,
          );
          await payOrders(events, {
            store: this.ledgerStore(transaction),
            addToOutbox: async (decisions) => {
              await this.addToOutbox(decisions, { transaction, traceparentOf });
              if (!logsEachThing(this.broker)) return;
              afterCommit(() => {
                logDecisions(this.logger, decisions, traceparentOf);
              });
            },
            now: new Date(),
          });
        },
      },

      /** After the database was restored: decisions that it has lost, as they were made, from their own events. */
      restore: {
        topic: topics.payments,
        events: EVENT_TYPES.payments,
        onlyReplayed: true,
        handle(this: PaymentsService, events: PaymentDecided[], { transaction }) {
          const { sequelize } = this;
          const store = this.ledgerStore(transaction);
          return restoreDecisions(events, { sequelize, transaction, store, now: new Date() });
        },
      },
    },

    actions: {
      /** Opens an account with nothing in it. */
      async openAccount(this: PaymentsService, ctx: Context): Promise<AccountAnswer> {
        const input = openAccountInput.parse(ctx.params);
        const answer = await submitCall(ctx, this.openings, input, { ...input, openingId: uuidv7() });
        this.logger.debug('An account is open.');
        return answer;
      },

      /** Puts money into an account that exists. */
      async deposit(this: PaymentsService, ctx: Context): Promise<AccountAnswer> {
        const input = depositInput.parse(ctx.params);
        const request = { ...input, entryId: uuidv7(), amount: minorUnitsOf(input.amount) };
        const answer = await submitCall(ctx, this.deposits, input, request);
        this.logger.debug('A deposit is booked.', { entryId: request.entryId });
        return answer;
      },

      /** An account as it is now. */
      async balance(this: PaymentsService, ctx: Context): Promise<AccountAnswer> {
        const { userId } = showBalanceInput.parse(ctx.params);
        const row = await this.findRow(userId);
        if (row === null) throw accountNotFound(userId);
        return describeAccount(toAccount(row));
      },

      /** What moved on an account, newest first. */
      async entries(this: PaymentsService, ctx: Context): Promise<Page<LedgerEntryAnswer>> {
        const input = listEntriesInput.parse(ctx.params);
        const { userId, limit } = input;
        const after = versionOfCursor(input);
        const rows = await this.entryModel.findAll({
          where: { userId, ...(after !== null && { version: { [Op.lt]: after } }) },
          order: [['version', 'DESC']],
          limit: limit + 1,
        });
        // An entry proves its account; a page without any may be of an account that nobody opened.
        if (rows.length === 0 && (await this.findRow(userId)) === null) throw accountNotFound(userId);
        const items = rows.map((row) => describeEntry(toEntry(row)));
        return cutPage(items, limit, ({ version }) => cursorAfterEntry(input, version));
      },

      /** Accounts of all users: for operators. */
      browse: {
        visibility: 'public',
        handler(this: PaymentsService, ctx: Context): Promise<BrowsedAccounts> {
          const input = browseAccountsInput.parse(ctx.params);
          return browseAccounts(input, (sql, values) => this.readForOperator(sql, values));
        },
      },

      /** Whether the entries of one account add up to its balance: for operators. */
      checkAccount: {
        visibility: 'public',
        async handler(this: PaymentsService, ctx: Context): Promise<CheckedAccount> {
          const { userId } = showBalanceInput.parse(ctx.params);
          const checked = await checkAccount(userId, (sql, values) => this.readForOperator(sql, values));
          if (checked === null) throw accountNotFound(userId);
          return checked;
        },
      },

      /** What is known here of an order's way: a part of `orders.story`. */
      story: {
        visibility: 'public',
        handler(this: PaymentsService, ctx: Context): Promise<PaymentsStory> {
          const { orderId } = showOrderInput.parse(ctx.params);
          return tellPaymentsStory(orderId, {
            sequelize: this.sequelize,
            readEntries: async () => (await this.entryModel.findAll({ where: { orderId } })).map(toEntry),
            findWaiting: (event) => this.findWaiting(event),
          });
        },
      },

      /** Tells again what was decided about these orders: asked by orders about those that are NEW for too long. */
      repeatDecisions: {
        // No call of the REST contract.
        visibility: 'public',
        handler(this: PaymentsService, ctx: Context): Promise<KnownDecisions> {
          const input = repeatDecisionsInput.parse(ctx.params);
          const { sequelize } = this;
          return sequelize.transaction((transaction) =>
            repeatDecisions(input, {
              sequelize,
              transaction,
              addToOutbox: (added) => this.addToOutbox(added, { transaction }),
            }),
          );
        },
      },
    },

    methods: {
      ledgerStore(this: PaymentsService, transaction: Transaction): PostgresLedgerStore {
        return new PostgresLedgerStore(transaction, () => {
          ledgerConflictsOf(this.broker).inc();
        });
      },
    },

    created(this: PaymentsService) {
      const { sequelize } = this;
      const store = new PostgresWriteStore(sequelize);
      const writes = writeMetricsOf(this.broker);
      // From the start on, at 0.
      ledgerConflictsOf(this.broker);
      this.model = defineAccount(sequelize);
      this.entryModel = defineLedgerEntry(sequelize);
      this.openings = new GroupCommit<OpeningRequest, AccountAnswer>({
        what: 'account',
        observer: writes.observer(this.name, 'account'),
        ...transactions,
        store,
        write: (requests, { transaction }) => openAccounts(requests, { sequelize, transaction }),
      });
      this.deposits = new GroupCommit<DepositRequest, AccountAnswer>({
        what: 'deposit',
        observer: writes.observer(this.name, 'deposit'),
        ...transactions,
        store,
        write: (requests, { transaction, again }) =>
          bookDeposits(requests, { store: this.ledgerStore(transaction), again, now: new Date() }),
      });
    },
  };
}

/** What moleculer-runner loads. */
export default (broker: ServiceBroker): unknown => broker.createService(paymentsService(loadConfig(process.env)));
