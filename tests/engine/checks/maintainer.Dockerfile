FROM scratch AS a
MAINTAINER me
FROM a
maintainer \
  "they"
