# Stand-in for python:3.13: what the slim image has, with a compiler and the headers that most packages want.
FROM python:3.13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential curl git libffi-dev libpq-dev libssl-dev pkg-config python3.13-dev wget zlib1g-dev \
    && rm -rf /var/lib/apt/lists/* \
    && cp -a /usr/include/python3.13 /usr/local/include/ \
    && mkdir -p "/usr/local/include/$(gcc -print-multiarch)" \
    && cp -a "/usr/include/$(gcc -print-multiarch)/python3.13" "/usr/local/include/$(gcc -print-multiarch)/"
CMD ["python3"]
