FROM \
  # as it is
  scratch \
  as \
  base
FROM scratch \
  as other
