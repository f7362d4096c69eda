# One image for web, worker, imports, beat and migrate; docker-compose.yml says which is which.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /venv
COPY requirements/base.txt requirements/uv.txt requirements/
# The installer comes with hashes too, and stays behind in this stage.
RUN python -m venv /installer \
    && /installer/bin/pip install --require-hashes -r requirements/uv.txt \
    && /installer/bin/uv pip install --python /venv/bin/python --require-hashes --compile-bytecode \
        --no-cache -r requirements/base.txt
COPY . .
# Babel compiles the translations here, so that it need not be in the image.
RUN /installer/bin/uv pip install --python /installer/bin/python --no-cache --require-hashes \
        --constraint requirements/dev.txt "$(grep -o '^babel==[^ ]*' requirements/dev.txt)" \
    && find comments config moderation -name '*.po' -exec sh -c \
        'for po; do /installer/bin/pybabel --quiet compile --input-file "$po" --output-file "${po%.po}.mo"; done' sh {} + \
    && SECRET_KEY=only-to-collect-static-files /venv/bin/python manage.py collectstatic --noinput \
    && /venv/bin/python -m compileall -q comments config moderation

FROM python:3.11-slim
RUN groupadd --system --gid 10001 sekisho \
    && useradd --system --uid 10001 --gid sekisho --home-dir /nonexistent --shell /usr/sbin/nologin sekisho \
    # A new volume takes over to whom the folder belongs.
    && install --directory --mode=700 --owner=sekisho --group=sekisho /imports
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    LOG_FORMAT=json
COPY --from=build /venv /venv
COPY --from=build /src /app
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", \
     "--workers-kill-timeout", "10", "--no-ws", "config.wsgi:application"]
