# One image for the three services; docker-compose.yml says which of them a container runs.
# The same Node as the one in package.json, which the tests run on.
FROM node:24.21.0-slim

ENV NODE_ENV=production
WORKDIR /app

# First what changes seldom: the packages are installed anew only when these files change.
COPY package.json package-lock.json .npmrc ./
# Without the development dependencies: the npm packages of Node and PostgreSQL stay out. No package that is left
# needs its install script.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts

COPY moleculer.config.ts ./
COPY audit ./audit
COPY auth ./auth
COPY cluster ./cluster
COPY config ./config
COPY console ./console
COPY contract ./contract
COPY crash-points ./crash-points
COPY deploy/healthcheck.ts deploy/migrate.ts deploy/migrate-databases.ts ./deploy/
COPY events ./events
COPY health ./health
COPY http ./http
COPY kafka ./kafka
COPY logs ./logs
COPY metrics ./metrics
COPY mixins ./mixins
COPY money ./money
COPY problems ./problems
COPY repl ./repl
COPY services ./services
COPY terminal ./terminal
COPY tracing ./tracing

# The image's user "node", by number: an orchestrator that refuses root can see that this is another. The files are
# root's, so that a service cannot change its own code.
USER 1000:1000
EXPOSE 8080 8081 8082
STOPSIGNAL SIGTERM
