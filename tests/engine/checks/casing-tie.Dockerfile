from scratch as one
COPY a /a
