FROM alpine AS one
CMD node server.js
ENTRYPOINT exec node server.js
HEALTHCHECK CMD curl localhost
CMD ["node"]
ENTRYPOINT ["node"]
HEALTHCHECK NONE
HEALTHCHECK --interval=3s CMD ["true"]
ONBUILD CMD node
FROM one AS two
CMD ["single', "broken"]
FROM alpine AS three
SHELL ["/bin/bash", "-c"]
CMD node server.js
FROM three
ENTRYPOINT node
CMD node
cmd node
