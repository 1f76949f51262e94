# syntax=docker/dockerfile:1
# Two stages: what builds stays behind. Linted and executed without a container engine by tools/dockerfile_in_debian.py.
FROM debian:trixie-slim AS build
# A stable suite's packages change for security only, and then they should. hadolint wants the next line bare.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --no-install-recommends --yes python3 python3-venv ca-certificates \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements/runtime.txt requirements/runtime.txt
RUN python3 -m venv /opt/upriver \
 && /opt/upriver/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE app.yaml ./
COPY bot bot
RUN /opt/upriver/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps . \
 && /opt/upriver/bin/python -m pip uninstall --yes --disable-pip-version-check pip

FROM debian:trixie-slim
LABEL org.opencontainers.image.title="Upriver" \
      org.opencontainers.image.description="Finds the Python library behind a red CI build, and tells its maintainers once" \
      org.opencontainers.image.licenses="Apache-2.0"
# A stable suite's packages change for security only, and then they should. hadolint wants the next line bare.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --no-install-recommends --yes python3 ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --no-log-init --uid 10001 --home-dir /var/lib/upriver --create-home --shell /usr/sbin/nologin upriver
COPY --from=build /opt/upriver /opt/upriver
USER 10001
WORKDIR /var/lib/upriver
ENV PATH=/opt/upriver/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    UPRIVER_HOST=0.0.0.0 \
    UPRIVER_PORT=8080 \
    UPRIVER_DATA=/var/lib/upriver/data \
    UPRIVER_CACHE=/var/lib/upriver/cache
VOLUME ["/var/lib/upriver"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python3", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['UPRIVER_PORT']}/healthz\", timeout=4)"]
ENTRYPOINT ["upriver"]
CMD ["serve"]
