import type { Migration } from '../mixins/database/migration.ts';

/** Reports of audits, in the payments database: the next incremental one begins at the mark of the last. */
export const auditMigrations: readonly Migration[] = [
  {
    name: 'audit-0001-reports',
    up: `
      CREATE TABLE audit_reports (
        id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        started_at timestamptz NOT NULL,
        violations bigint      NOT NULL,
        report     json        NOT NULL
      )`,
  },
];
