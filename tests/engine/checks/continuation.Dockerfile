FROM scratch
COPY a \

  /a
COPY a \
  # a comment is no empty line

  b \
  	
  /c/
COPY a \
  b \
  /d/
ENV A=1 \
    B=2

FROM scratch AS second
COPY <<one <<two \

 /e/

1

one

two
COPY a /f
