# check=skip=all;experimental=InvalidDefinitionDescription
# not the name
ARG X=1
FROM scratch as Build
copy a /a
