# Stand-in for node:22-trixie-slim: Debian, the user `node` and Node's own distribution in /usr/local.
FROM debian:trixie-slim
ARG NODE_VERSION
RUN groupadd --gid 1000 node \
    && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
ENV NODE_VERSION=$NODE_VERSION
COPY node/ /usr/local/
COPY node-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]
