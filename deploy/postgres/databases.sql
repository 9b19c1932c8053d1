-- Run once by the PostgreSQL image, when its volume is empty: a database and a role for each service.
-- Neither role can open the other's database. auditor.sql comes after it.
\getenv orders_password ORDERS_DATABASE_PASSWORD
\getenv payments_password PAYMENTS_DATABASE_PASSWORD

CREATE ROLE orders LOGIN PASSWORD :'orders_password';
CREATE DATABASE orders OWNER orders;
REVOKE CONNECT ON DATABASE orders FROM PUBLIC;

CREATE ROLE payments LOGIN PASSWORD :'payments_password';
CREATE DATABASE payments OWNER payments;
REVOKE CONNECT ON DATABASE payments FROM PUBLIC;
