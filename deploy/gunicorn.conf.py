"""gunicorn in production: `gunicorn config.wsgi:application --config deploy/gunicorn.conf.py`.

Sync workers, one a core, were the fastest; a proxy that buffers must stand in front (deploy/nginx.conf).
"""

import gc
import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
sys.path.insert(0, str(Path.cwd()))
try:
    from config.access import AccessLogger
except ImproperlyConfigured as refused:
    sys.exit(str(refused))

MEMORY = Path("/dev", "shm")
bind = "0.0.0.0:8000"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "sync"
timeout = 60
graceful_timeout = 30
max_requests = 20_000  # a leak of a library never grows for ever
max_requests_jitter = 2_000
control_socket_disable = True
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None  # a heartbeat file never waits for a disk
logger_class = AccessLogger
accesslog = "-"
preload_app = True  # loaded once, shared by the workers


def when_ready(server: object) -> None:
    """What was loaded stays: the collector never walks it again, and the workers share its pages."""
    from django.urls import get_resolver

    assert get_resolver().url_patterns  # loads every view now, not in the first request of each worker
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def post_fork(server: object, worker: object) -> None:
    """No connection made while loading is shared by two processes."""
    from django.db import connections

    connections.close_all()
