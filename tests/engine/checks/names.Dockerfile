FROM scratch AS build
FROM scratch AS Build
FROM scratch AS build
FROM scratch AS scratch
FROM scratch AS context
FROM alpine AS Context
