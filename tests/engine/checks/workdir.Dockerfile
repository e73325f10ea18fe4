FROM alpine AS a
WORKDIR app
WORKDIR src
FROM a AS b
WORKDIR more
FROM alpine AS c
ARG DIR=app
ENV ABS=/srv
WORKDIR $DIR
FROM alpine AS d
ENV ABS=/srv
WORKDIR $ABS/app
WORKDIR rel
FROM alpine AS e
WORKDIR "app"
FROM alpine AS f
WORKDIR '/app dir'
WORKDIR ./x
FROM scratch AS g
WORKDIR ${UNSET:-rel}
FROM alpine AS h
WORKDIR .
