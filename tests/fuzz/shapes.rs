//! Long files of one shape each: what takes time or memory in the square of a file's length shows on one of them.

use std::fmt::Write as _;

/// Files of about `length` bytes, each with its name.
pub(crate) fn shapes(length: usize) -> Vec<(&'static str, String)> {
    let long = "x".repeat(length.min(60_000));
    let half = length / 2;
    vec![
        ("one-letter lines", filled("FROM a\n", length, |_| "A\n".to_owned())),
        ("continuations", filled("FROM a\nRUN a", length, |_| " \\\n b".to_owned())),
        ("comments in a continuation", filled("FROM a\nRUN a \\\n", length, |_| "# c\n".to_owned())),
        ("pairs", filled("FROM a\nENV", length, |at| format!(" \\\n a{at}=b"))),
        ("heredocs on a line", filled("FROM a\nRUN", length, |_| " \\\n <<A".to_owned())),
        ("heredocs that end", heredocs("RUN", "", half)),
        ("heredocs to copy", heredocs("COPY", " /x", half)),
        ("a heredoc's lines", filled("FROM a\nRUN <<A\n", length, |_| "echo a\n".to_owned()) + "A\n"),
        (
            "braces in one another",
            format!("FROM a\nENV a={}x{}\n", "${A:-\\\n".repeat(half / 7), "}".repeat(half / 7)),
        ),
        ("slashes", filled("FROM a\nENV a=b", length, |_| "${a/\\\n".to_owned())),
        (
            "patterns",
            filled("FROM a\nENV a=aaaaaaaaaaaaaaaaaaaaaaaa\n", length, |at| {
                format!("ENV b{at}=${{a//a*a*a*b/x}}\n")
            }),
        ),
        (
            "a long value's uses",
            filled(&format!("FROM a\nENV a={long}\n"), length, |at| format!("ENV b{at}=$a ${{a%%x*y}}\n")),
        ),
        ("a value that doubles", filled("FROM a\n", length, |_| "ENV a=x$a$a\n".to_owned())),
        ("variables", filled("FROM a\n", length, |at| format!("ENV a{at}=1\nRUN $a{at}\n"))),
        (
            "arguments and stages",
            filled(&filled("", half, |at| format!("ARG a{at}=1\n")), length, |_| {
                "FROM a\nARG a1\n".to_owned()
            }),
        ),
        (
            "stages on many variables",
            filled(&filled("FROM a AS s\n", half, |at| format!("ENV a{at}=1\n")), length, |_| {
                "FROM s\nENV b=1\n".to_owned()
            }),
        ),
        ("ports", filled("FROM a\n", length, |at| format!("EXPOSE {at}\n"))),
        ("folders", filled("FROM a\nWORKDIR /\n", length, |_| "WORKDIR a\n".to_owned())),
        (
            "triggers and stages",
            filled(&filled("FROM a AS s\n", half, |_| "ONBUILD COPY a b\n".to_owned()), length, |_| {
                "FROM s\n".to_owned()
            }),
        ),
        ("stages of one name", filled("", length, |_| "FROM a AS b\n".to_owned())),
        (
            "stages on one another",
            filled("FROM a AS s0\n", length, |at| format!("FROM s{at} AS s{}\n", at + 1)),
        ),
        (
            "stages from one another",
            filled("", length, |at| format!("FROM s{} AS s{at}\nCOPY --from=s{} a b\n", at + 1, at / 2)),
        ),
        (
            "copies from images",
            filled("FROM a AS b\nFROM c\n", length, |at| format!("COPY --from=im{at} a c\n")),
        ),
        (
            "copies from misspelt stages",
            filled(&filled("", half, |at| format!("FROM a AS stage{at}\n")), length, |_| {
                "COPY --from=stagex a b\n".to_owned()
            }),
        ),
        ("images", filled("", length, |at| format!("FROM im{at}\n"))),
        ("addresses", filled("FROM a\nADD", length, |at| format!(" \\\n https://a/{at}"))),
        ("mounts", filled("FROM a\nRUN", length, |_| " \\\n --mount=type=cache,target=/a".to_owned())),
        ("a chain of commands", filled("FROM a\nRUN a", length, |_| " && \\\n b".to_owned())),
        ("parentheses", filled("FROM a\nRUN ", length, |_| "(\\\n".to_owned())),
        ("substitutions", filled("FROM a\nRUN ", length, |_| "$(a \\\n".to_owned())),
        ("lists in one another", filled("FROM a\nRUN ", length, |_| "[\\\n".to_owned())),
    ]
}

fn filled(head: &str, length: usize, unit: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    let mut at = 0;
    while text.len() < length {
        text.push_str(&unit(at));
        at += 1;
    }
    text
}

fn heredocs(instruction: &str, end: &str, length: usize) -> String {
    let count = length / 10;
    let mut text = format!("FROM a\n{instruction}");
    let mut bodies = String::new();
    for at in 0..count {
        // Writing to a string can't fail.
        let _ = write!(text, " \\\n <<A{at}");
        let _ = writeln!(bodies, "A{at}");
    }
    text + end + "\n" + &bodies
}
