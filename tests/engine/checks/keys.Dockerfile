FROM scratch AS a
ENV one two three
ENV one=two
LABEL k v
LABEL k="v w" l=m
env x y
ONBUILD ENV a b
