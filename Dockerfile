# One image for web, relay, worker, matcher and beat; docker-compose.yml says which command.
FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=backend.settings
WORKDIR /srv/helpende-handen
COPY requirements-production.lock .
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-production.lock
COPY backend backend
COPY matching matching
COPY notifications notifications
COPY locale locale
# The values below only let Django start to collect files; they are not kept in the image.
RUN SECRET_KEY=only-to-collect-files-never-kept-anywhere DATABASE_URL=postgresql://build@localhost/build REDIS_URL=redis://localhost \
    python -m backend collectstatic --noinput \
 && useradd --system --no-create-home helpende
USER helpende
EXPOSE 8000
CMD ["gunicorn", "backend.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--reuse-port", "--preload"]
