# Stand-in for python:3.13-slim: Debian's interpreter, laid out in /usr/local as Python's own is. Debian's folder for
# packages is a link to Python's, so that the interpreter looks where pip installs.
FROM debian:trixie-slim AS tree
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3.13 python3.13-venv \
    && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /tree/bin /tree/lib \
    && cp /usr/bin/python3.13 /tree/bin/ \
    && ln -s python3.13 /tree/bin/python3 \
    && ln -s python3 /tree/bin/python \
    && cp -a /usr/lib/python3.13 /tree/lib/ \
    && rm /tree/lib/python3.13/EXTERNALLY-MANAGED \
    && sed -i "s/'posix_local')/'posix_prefix')/; s/prefix_scheme = 'posix_local'/prefix_scheme = 'posix_prefix'/" /tree/lib/python3.13/sysconfig/__init__.py \
    && mkdir /tree/lib/python3.13/site-packages \
    && ln -s site-packages /tree/lib/python3.13/dist-packages \
    && find /tree -name __pycache__ -prune -exec rm -r {} +

FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libexpat1 libffi8 libncursesw6 libreadline8t64 libsqlite3-0 libssl3t64 media-types netbase tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY --from=tree /tree/ /usr/local/
COPY --from=tree /usr/share/python-wheels/ /usr/share/python-wheels/
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_DISABLE_PIP_VERSION_CHECK=1
# Debian's ensurepip works in virtual environments alone.
RUN python -m venv /tmp/venv \
    && /tmp/venv/bin/pip --python /usr/local/bin/python3 install --no-index /usr/share/python-wheels/pip-*.whl \
    && rm -r /tmp/venv
CMD ["python3"]
