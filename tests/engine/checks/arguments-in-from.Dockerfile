ARG TAG=3.22
ARG EMPTY
ARG PLATFORM=linux/amd64
FROM alpine:${TAG}${TGA} AS a
FROM --platform=$PLATFORM alpine:${TAG:-$NOTHING} AS b
FROM --platform=${PLATFROM:-linux/amd64} alpine${EMPTY} AS c
ARG LOCAL=latest
FROM alpine:3${LOCAL}${EMPTY:+x} AS d
FROM alpine:3$TARGETARCH AS e
FROM alpine:3"$TGA$TGA$TAG2" AS f
