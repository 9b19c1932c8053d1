-- A role for the audit: it reads both databases, tables of later migrations included, and writes nothing.
-- Run once by the PostgreSQL image, after databases.sql; on a volume that is older than this file, by hand:
--   docker compose exec postgres psql --username=postgres --file=/docker-entrypoint-initdb.d/2-auditor.sql
\getenv auditor_password AUDITOR_DATABASE_PASSWORD

CREATE ROLE auditor LOGIN PASSWORD :'auditor_password';
GRANT CONNECT ON DATABASE orders, payments TO auditor;

\connect orders
GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor;
ALTER DEFAULT PRIVILEGES FOR ROLE orders IN SCHEMA public GRANT SELECT ON TABLES TO auditor;

\connect payments
GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor;
ALTER DEFAULT PRIVILEGES FOR ROLE payments IN SCHEMA public GRANT SELECT ON TABLES TO auditor;
