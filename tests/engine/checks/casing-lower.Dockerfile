from scratch AS one
from scratch
copy a /a
COPY a /b
