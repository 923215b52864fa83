# syntax=docker/dockerfile:1
# docker build --build-arg WORKFLOW_COMMIT="$(git rev-parse --short=12 HEAD)" -t workflow .

# Debian, not Alpine: the executable takes over the C library of the Bun that builds it, and the image below has glibc.
FROM oven/bun:1.4.5-debian AS build
WORKDIR /source

# Packages first, so that a change of sources alone reuses them.
COPY package.json bun.lock bunfig.toml ./
RUN --mount=type=cache,target=/root/.bun/install/cache bun install --frozen-lockfile

COPY . .
# The .git folder stays outside the build context; without this argument the commit is "unknown".
ARG WORKFLOW_COMMIT=unknown
RUN --mount=type=cache,target=/root/.bun/install/cache bun run build && mkdir /empty

# The C library, CA certificates, time zones, and the user 65532; no shell.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="workflow" \
      org.opencontainers.image.description="One executable that turns a YAML file into a running server." \
      org.opencontainers.image.licenses="MIT"

COPY --from=build /source/dist/server /app/server
COPY --from=build /source/LICENSE /source/docs/third-party.md /app/
# A new named volume takes over the owner of the folder it is mounted on.
COPY --from=build --chown=65532:65532 /empty /data

USER 65532:65532
# A path such as ./data/workflow.db in a configuration then lies on the volume.
WORKDIR /
ENV WORKFLOW_DATA_DIR=/data
VOLUME /data
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["/app/server", "healthcheck"]
ENTRYPOINT ["/app/server"]
