# A static binary on an empty image: no shell, no package manager, nothing to patch but Burgee itself.

FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev gcc make
WORKDIR /source
COPY Cargo.toml Cargo.lock ./
COPY src src
# Targets the manifest names but the image does not need.
RUN mkdir -p tests/bench && for bench in http engine; do echo 'fn main() {}' > tests/bench/$bench.rs; done \
 && cargo build --locked --release --bin burgee \
 && mkdir -p /out/data && cp target/release/burgee /out/burgee

FROM scratch
COPY --from=build /out/burgee /burgee
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV BURGEE_DATA_DIR=/data
# The root file system may be read-only; this is the only place that is written to.
VOLUME /data
EXPOSE 4242
HEALTHCHECK --interval=10s --timeout=6s --start-period=5s CMD ["/burgee", "healthcheck"]
ENTRYPOINT ["/burgee"]
