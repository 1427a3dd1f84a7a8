# One image for every process: the command says which. The Procfile lists the commands, and
# docker-compose.yml runs them. No setting is baked in but the address to listen on; all others
# come from the environment, as .env.example explains them.

FROM python:3.11-slim-bookworm AS packages
COPY requirements.runtime.lock /
# --only-binary: nothing is compiled, so no compiler is needed. --require-hashes: nothing is
# installed but what the lock names.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: -r /requirements.runtime.lock

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin tallyman
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY fault_points.py own_modules.py flowerconfig.py pyproject.toml Procfile LICENSE ./
COPY console console
COPY db db
COPY integrations integrations
COPY local local
COPY receiver receiver
COPY settings settings
COPY simulator simulator
COPY tallyman tallyman
COPY telemetry telemetry
COPY worker worker
RUN printf '#!/bin/sh\nexec python -m tallyman "$@"\n' >/opt/venv/bin/tallyman \
    && chmod 755 /opt/venv/bin/tallyman
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0
USER tallyman
EXPOSE 8000
# That of the receiver, which is what the image runs unless told otherwise; docker-compose.yml has
# one for each of the other processes.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + (os.environ.get('PORT') or '8000') + '/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "python:receiver.serve", "receiver.app:create_app()"]
