# escape=`
FROM scratch
ENV A=`$NOT B=C:\$YES
COPY `
  $X `
  /x
WORKDIR rel
