# A file of both cases: the majority is uppercase by one.
ARG base=scratch
arg other=scratch
FROM scratch AS Mixed_Case
From $base As second
from scratch as third
FROM scratch as fourth
copy a /a
COPY a /b
Copy a /c
ONBUILD copy a /d
onbuild COPY a /e
RUN --network=none ["/a"]
