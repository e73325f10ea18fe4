# check=experimental=CopyIgnoredFile
FROM scratch AS a
ARG NAME=secret.txt
COPY secret.txt /a
COPY secret.txt $NAME a /b/
ADD dir/deep/file /c
COPY --from=alpine secret.txt /e
COPY dir /f
COPY *.log /g/
COPY "other" /h
COPY ["with blank", "/i"]
COPY docs/a.md /j
COPY <<secret.txt /k/
secret.txt
COPY . /l
