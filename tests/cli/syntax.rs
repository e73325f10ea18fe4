//! What a person sees of a file that BuildKit refuses: everything that is wrong with it, and what else there is to say.

use insta::assert_snapshot;

use crate::scratch::Scratch;

#[test]
fn five_different_syntax_errors_are_all_told_and_the_rest_of_the_file_is_linted() {
    let file = "\
# syntax=docker/dockerfile:1
FROM node AS build
WORKDIR /app
COPPY package.json ./
RUN npm ci
COPY --form=build /app /srv
ENV NODE_ENV
HEALTHCHECK --intervall=5s CMD curl -f http://localhost/
RUN <<EOF
npm run build
CMD node server.js
EOF
CMD node server.js
SHELL bash -c
";
    let scratch = Scratch::of(file);
    assert_snapshot!(scratch.run(&["lint", "--select", "syntax-error,moving-tag,shell-form-command"]));
    let rules = scratch
        .run(&["lint", "--format", "json", "--select", "syntax-error,moving-tag,shell-form-command"])
        .rules();
    assert_eq!(rules.iter().filter(|rule| *rule == "syntax-error").count(), 5);
    assert!(
        rules.iter().any(|rule| rule == "shell-form-command")
            && rules.iter().any(|rule| rule == "moving-tag")
    );
}

#[test]
fn each_mistake_in_an_instruction_is_told_in_its_place() {
    let file = "\
FORM debian:13
FROM debian:13 as 1st
FROM debian:13 base
FROM debian:13 AS base
RUN --mout=type=cache,target=/x --network=hots --security=insecre true
COPY --chown=1 --chown=2 --link=yse a b
COPY a
ADD <<A <<B
A
B
LABEL a=1 b =c
ENV =x
ARG
EXPOSE
HEALTHCHECK COMMAND true
HEALTHCHECK NONE now
HEALTHCHECK --interval=5 --retries=-1 CMD true
ONBUILD ONBUILD RUN true
ONBUILD
SHELL [\"sh\", 1]
VOLUME [\"\"]
RUN [\"a\", 2]
RUN <<END
";
    assert_snapshot!(Scratch::of(file).run(&["lint", "--select", "syntax-error"]));
}
