# The operator image: one image for all programs, an entry per program (`python -m wpclone.controller`).
# Any base with Python >= 3.11, pip and venv at the same place in both stages will do.
ARG BASE=python:3.13-slim
# A compiler on no newer a C library than the base's. Where the engine is mounted at /prebuilt, it
# is not needed.
ARG RUST=rust:1-slim-bookworm

FROM ${RUST} AS native
WORKDIR /src
COPY native native
RUN if [ -f /prebuilt/wpclone_native.abi3.so ]; \
    then cp /prebuilt/wpclone_native.abi3.so .; \
    else cargo build --quiet --release --locked --manifest-path native/Cargo.toml \
    && cp native/target/release/libwpclone_native.so wpclone_native.abi3.so; \
    fi

FROM ${BASE} AS build
# Only for builds behind a proxy of their own certificate; never part of the image.
ARG SSL_CERT_FILE
ARG PIP_CERT
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/venv \
    UV_PYTHON_DOWNLOADS=never
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
WORKDIR /src
COPY pyproject.toml uv.lock ./
RUN /opt/uv/bin/uv sync --frozen --no-dev --no-install-project --no-cache

FROM ${BASE}
LABEL org.opencontainers.image.title="WordPress Clone operator" \
      org.opencontainers.image.licenses="Apache-2.0"
# Kopf names itself by its user, and the uids of pods have no entry in any base's list of users.
ENV LOGNAME=wpclone \
    PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/opt/wpclone \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/venv /opt/venv
COPY --from=native /src/wpclone_native.abi3.so /opt/wpclone/wpclone_native.abi3.so
COPY operator/wpclone /opt/wpclone/wpclone
# The plugin that the mover brings onto source sites is GPL-2.0-or-later and travels as it is.
COPY wordpress/agent /opt/wpclone/wpclone/mover/sources/agent
RUN python3 -m compileall -q /opt/wpclone/wpclone \
    && printf '#!/opt/venv/bin/python\nfrom wpclone.cli import main\n\nmain()\n' > /opt/venv/bin/wpclone \
    && chmod 755 /opt/venv/bin/wpclone
WORKDIR /tmp
USER 65532:65532
CMD ["python", "-m", "wpclone.controller"]
