# Jalon's image: web, worker and beat are three commands of it. The very requirements of requirements/base.txt.
FROM python:3.12.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# pg_dump and pg_restore, of the version of the database: backups are taken from here
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/*

COPY requirements/base.txt requirements/base.txt
RUN pip install --require-hashes --requirement requirements/base.txt

COPY . .
RUN useradd --system --uid 10001 --home-dir /app jalon \
    && mkdir -p /data && chown jalon:jalon /data \
    && python -m compileall -q .
USER jalon
ENV DATA_DIR=/data PRODUCTION=1
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--config", "deploy/gunicorn.conf.py"]
