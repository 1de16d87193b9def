# syntax=docker/dockerfile:1
# One image for every process: `docker run ampledger:local <process>`, where <process> is what stands
# after `ampledger` on the command line (ingress, recorder, optimizer, command, api, serve, ...).
#
# It runs without root, on a read-only root file system: what it writes goes to /var/lib/ampledger
# (the log of `serve`, the copy of `api`) and nowhere else. Debian and not Alpine: the native parts of
# the event store's client and of libsql are taken in their glibc builds.
ARG NODE_IMAGE=node:22-bookworm-slim

# The manifests alone: what is installed from them is the same for as long as they are, whatever else changed.
FROM ${NODE_IMAGE} AS manifests
COPY . /srv/all
RUN mkdir /srv/ampledger && cd /srv/all \
    && find . -name node_modules -prune -o \( -name package.json -o -name package-lock.json \) -print0 \
    | xargs -0 cp --parents -t /srv/ampledger

FROM ${NODE_IMAGE} AS installer
WORKDIR /srv/ampledger
ENV npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
COPY --from=manifests /srv/ampledger ./

FROM installer AS build
# No package needs a script of its own to be installed: native parts come as packages.
RUN npm ci --ignore-scripts
COPY tsconfig.base.json ./
COPY packages packages
COPY optimizer optimizer
COPY services services
RUN node_modules/.bin/tsc -b services/cli
RUN cd packages/console && node ../../node_modules/vite/bin/vite.js build --logLevel warn
# Of each workspace its manifest and what was built; no sources, no tests, no maps.
RUN mkdir /out \
    && find packages services optimizer -name node_modules -prune -o -type f \
      \( -name package.json -o -path '*/dist/*' -o -path '*/bin/*' -o -regex 'packages/[^/]*/[^/]*\.js' \) \
      ! -name '*.map' ! -name '*.d.ts' ! -name '*.d.mts' ! -name '*.test.js' ! -name '.tsbuildinfo' -print0 \
    | xargs -0 cp --parents -t /out

FROM installer AS dependencies
# Only what the command line needs, down through its workspaces.
RUN npm ci --omit=dev --ignore-scripts --workspace @ampledger/cli
# Native parts for another C library, declarations and maps: nothing loads them.
RUN rm -rf node_modules/@libsql/linux-*-musl node_modules/@kurrent/bridge-linux-*-musl \
    && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM ${NODE_IMAGE} AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Ampledger" \
      org.opencontainers.image.description="Event-sourced smart charging and load balancing for electric vehicles" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /srv/ampledger
# The folders that volumes are mounted on belong to the user of the process from the beginning: an
# empty named volume takes owner and mode from here.
RUN install -d -o 1000 -g 1000 -m 0750 /var/lib/ampledger /etc/ampledger/secrets \
    && install -d /etc/ampledger/sites \
    && ln -s /srv/ampledger/services/cli/bin/ampledger.mjs /usr/local/bin/ampledger
COPY --from=dependencies /srv/ampledger/node_modules node_modules
COPY --from=build /out ./
COPY LICENSE NOTICE ./
COPY examples examples
COPY deploy/docker deploy/docker
ENV NODE_ENV=production \
    AMPLEDGER_ADMIN_HOST=0.0.0.0 \
    AMPLEDGER_LOG_FORMAT=json
# `node` of the base image, as a number: Kubernetes can see that it is not root.
USER 1000:1000
# OCPP, API and page, and the admin ports of ingress, recorder, optimizer, command and api.
EXPOSE 9220 8220 9401 9402 9403 9404 9405
VOLUME /var/lib/ampledger
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "/srv/ampledger/deploy/docker/health.mjs"]
ENTRYPOINT ["/bin/sh", "/srv/ampledger/deploy/docker/entrypoint.sh"]
CMD ["--help"]
