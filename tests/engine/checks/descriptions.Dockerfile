# check=experimental=all
# X is it
ARG X=1
# y

# z is it
ARG Y=1
# BUILD is it
FROM scratch AS Build
  # A is indented
ARG A
# A and B
ARG B A
# whatever
ARG B C
# left alone
#
ARG D
# for the copy
COPY a /a
# nothing named
FROM scratch
#E without a blank
ARG E
#	F behind a tab
ARG F
