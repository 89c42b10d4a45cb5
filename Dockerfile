# One image for the API, the worker and the commands; docker-compose.yml shows how each is run.

FROM node:24-bookworm-slim AS build
WORKDIR /tandem
COPY package.json package-lock.json .npmrc ./
COPY frontend/package.json frontend/
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY apps apps
COPY libs libs
COPY frontend frontend
# Where a CDN serves the application's assets, if one does; it is built into the pages.
ARG ASSET_BASE_URL
RUN npm run build

FROM node:24-bookworm-slim AS packages
WORKDIR /tandem
COPY package.json package-lock.json .npmrc ./
COPY frontend/package.json frontend/
RUN npm ci --omit=dev

FROM node:24-bookworm-slim
WORKDIR /tandem
ENV NODE_ENV=production HOST=0.0.0.0
COPY package.json ./
COPY --from=packages /tandem/node_modules node_modules
COPY apps/api/openapi.json apps/api/
COPY deploy/health-check.mjs deploy/
COPY --from=build /tandem/dist dist
COPY --from=build /tandem/frontend/dist frontend/dist
USER node
EXPOSE 8080 8081
# Whether the process answers at all: a lost database is nothing that a new container would mend.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
  CMD ["sh", "-c", "exec node deploy/health-check.mjs http://127.0.0.1:${PORT:-8080}/health/live"]
CMD ["node", "--enable-source-maps", "dist/apps/api/src/main.js"]
