use proptest::prelude::*;

use super::{ExpandError, Lexer, Quotes, expand, expand_words, references};

#[expect(clippy::unnecessary_wraps, reason = "the shape of an environment")]
fn shout(name: &str) -> Option<String> {
    Some(name.to_uppercase())
}

/// `u` is set by nothing, `e` to nothing.
fn environment(name: &str) -> Option<String> {
    let value = match name {
        "x" => "abc",
        "e" => "",
        "p" => "/usr/local/lib.tar.gz",
        "s" => r"a/b*c\d?e}",
        "l" => "one two",
        "n" => "ab\nab",
        "q" => "$0'",
        "é" => "accent",
        "1" => "first",
        "12" => "twelfth",
        "@" => "all",
        "#" => "count",
        _ => return None,
    };
    Some(value.to_owned())
}

fn text(word: &str) -> String {
    match expand(word, '\\', &environment) {
        Ok(expansion) => expansion.text,
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn a_word_comes_to_what_buildkits_lexer_makes_of_it() {
    let cases = [
        // What a dollar may stand before.
        ("$", "$"),
        ("a$", "a$"),
        ("$ x", "$ x"),
        ("$.x", "$.x"),
        ("$$", ""),
        ("$$x", "x"),
        ("$x$x", "abcabc"),
        ("$x-$x.$x", "abc-abc.abc"),
        ("$x_", ""),
        ("$1", "first"),
        ("$12", "twelfth"),
        ("$1x", "firstx"),
        ("$123", ""),
        ("${12}", "twelfth"),
        ("$@!$#", "all!count"),
        ("${#}", "count"),
        ("${@}$?", "all"),
        ("$é", "accent"),
        ("$x½", "abc½"),
        ("$½", "$½"),
        ("${x}y", "abcy"),
        ("${u}y", "y"),
        // Unset and empty.
        ("${u-d}|${e-d}|${x-d}", "d||abc"),
        ("${u:-d}|${e:-d}|${x:-d}", "d|d|abc"),
        ("${u+d}|${e+d}|${x+d}", "|d|d"),
        ("${u:+d}|${e:+d}|${x:+d}", "||d"),
        ("${e?no}|${x?no}|${x:?no}", "|abc|abc"),
        ("${u:-}|${u-}", "|"),
        // In one another.
        ("${u:-${e:-${x}}}", "abc"),
        ("${u:-${u:-$x}$x}", "abcabc"),
        ("${x:+${u:-a}${x:+b}}", "ab"),
        ("${x#${x%c}}", "c"),
        ("${x/${x#a}/$x}", "aabc"),
        ("${u:-a b}", "a b"),
        ("${u:-'}'}", "}"),
        ("${u:-\"}\"}", "}"),
        (r"${u:-\}}", "}"),
        (r"${u:-\$x}", "$x"),
        ("${u:-<<}", "<<"),
        // Quotes.
        ("'$x'", "$x"),
        ("\"$x\"", "abc"),
        ("'a\"b'", "a\"b"),
        ("\"a'$x'b\"", "a'abc'b"),
        (r"'a\'b", "a\\b"),
        (r#""a\"b""#, "a\"b"),
        (r#""a\$x\\\b\'""#, r"a$x\\b\'"),
        ("\"${u:-'a'}\"", "a"),
        ("\"${u:-\"a\"}\"", "a"),
        ("''\"\"", ""),
        // Escapes.
        (r"\$x\\\a", r"$x\a"),
        (r"a\", "a"),
        (r"\'a\'", "'a'"),
        (r"$\x", "$x"),
        (r"\é", "é"),
        // Beginnings and ends.
        ("${p#*/}|${p##*/}", "usr/local/lib.tar.gz|lib.tar.gz"),
        ("${p%.*}|${p%%.*}", "/usr/local/lib.tar|/usr/local/lib"),
        ("${x#?}|${x##?}|${x%?}|${x%%?}", "bc|bc|ab|ab"),
        ("${x#*}|${x##*}|${x%*}|${x%%*}", "abc||abc|"),
        ("${x#b}|${x%b}|${x#}|${x%}", "abc|abc|abc|abc"),
        ("${x###a}", "abc"),
        ("${u#a}|${e%a}", "|"),
        ("${x#'a'}|${x#\"a\"}", "bc|bc"),
        (r"${s#*\*}", r"c\d?e}"),
        (r"${s%\\*}", "a/b*c"),
        (r"${s%\?*}", r"a/b*c\d"),
        (r"${s%\}}", r"a/b*c\d?e"),
        (r"${s#a\/}", r"b*c\d?e}"),
        ("${n#*b}|${n##*b}", "\nab|\nab"),
        ("${n%b*}|${n%%a*}", "ab\na|ab\n"),
        ("${n#???}", "ab\nab"),
        // Parts.
        ("${x/b/-}|${x//?/-}|${x/?/-}", "a-c|---|-bc"),
        ("${x/z/-}|${x//z/-}", "abc|abc"),
        ("${x/b/}|${x//b/}", "ac|ac"),
        ("${x/*/-}|${x//*/-}", "-|-"),
        ("${x/b*/-}|${x//*b/-}", "a-|-c"),
        ("${x///-}", "-a-b-c-"),
        ("${u/a/b}|${e//*/b}|${e/?/b}", "|b|"),
        ("${n/b/-}|${n//b/-}", "a-\nab|a-\na-"),
        ("${n//*/-}", "-\n-"),
        (r"${s/\//-}", r"a-b*c\d?e}"),
        (r"${s//\*/-}", r"a/b-c\d?e}"),
        (r"${s/\\/-}", "a/b*c-d?e}"),
        (r"${s/\}/-}", r"a/b*c\d?e-"),
        (r"${x/b/\}}", r"a\}c"),
        (r"${x/b/\/}", r"a\/c"),
        ("${x/b//}", "a/c"),
        ("${x/b/'}'}", "a}c"),
        ("${x/b/[$q]}|${x//b/[$q]}", "a[$0']c|a[b']c"),
        ("${x//b/'$1'}", "ac"),
        // What BuildKit makes of a heredoc's sign.
        ("<x <<x << x", "<x <<x << x"),
    ];
    for (word, expected) in cases {
        assert_eq!(text(word), expected, "{word}");
    }
}

#[test]
fn a_word_that_buildkit_refuses_has_the_reason() {
    use ExpandError::{Modifier, NoName, OpenBrace, OpenPattern, OpenQuote, Pattern};
    let required = |name: &str, message: &str| ExpandError::Required {
        name: name.to_owned(),
        message: message.to_owned(),
    };
    let cases = [
        ("'a", OpenQuote('\'')),
        ("a\"b", OpenQuote('"')),
        (r#""a\"#, OpenQuote('"')),
        // BuildKit speaks of the brace here.
        ("${u:-'a}", OpenQuote('\'')),
        ("${", OpenBrace),
        ("${x", OpenBrace),
        ("${x:", OpenBrace),
        ("${x:-", OpenBrace),
        ("${x:-a", OpenBrace),
        (r"${x:-\}", OpenBrace),
        ("${x#a", OpenBrace),
        ("${x/a/b", OpenBrace),
        ("${x/a}", OpenPattern),
        ("${x//", OpenPattern),
        ("${}", NoName),
        ("${:-a}", NoName),
        ("${{x}}", NoName),
        ("${x:a}", Modifier(":a".to_owned())),
        ("${x:=a}", Modifier(":=".to_owned())),
        ("${x:#a}", Modifier(":#".to_owned())),
        ("${x:%a}", Modifier(":%".to_owned())),
        ("${x:}", OpenBrace),
        ("${x:}}", Modifier(":}".to_owned())),
        ("${x=a}", Modifier("=".to_owned())),
        ("${x^}", Modifier("^".to_owned())),
        ("${x y}", Modifier(" ".to_owned())),
        ("${#x}", Modifier("x".to_owned())),
        ("${1x}", Modifier("x".to_owned())),
        (r"${x#\a}", Pattern(r"\a".to_owned())),
        (r"${x##\a}", Pattern(r"\a".to_owned())),
        (r"${x/\a/b}", Pattern(r"\a".to_owned())),
        ("${u?}", required("u", "is not allowed to be unset")),
        ("${u:?}", required("u", "is not allowed to be unset")),
        ("${e:?}", required("e", "is not allowed to be empty")),
        ("${u?no $x}", required("u", "no abc")),
        ("${e:?'no'}", required("e", "no")),
        ("${x:+${u?}}", required("u", "is not allowed to be unset")),
        ("\"${u?}\"", required("u", "is not allowed to be unset")),
    ];
    for (word, expected) in cases {
        assert_eq!(expand(word, '\\', &environment).map(|expansion| expansion.text), Err(expected), "{word}");
    }
}

#[test]
fn words_are_split_at_the_blanks_outside_of_quotes_once_variables_are_in() {
    let cases: [(&str, &[&str]); 9] = [
        ("  a\tb\u{A0}c\u{3000}d ", &["a", "b", "c", "d"]),
        ("$l", &["one", "two"]),
        ("a${l}b", &["aone", "twob"]),
        ("\"$l\" '$l'", &["one two", "$l"]),
        (r"a\ b c", &["a b", "c"]),
        ("'' \"\" a", &["a"]),
        ("$e$u a", &["a"]),
        // Of what stands before a modifier BuildKit forgets all that is not yet a word.
        ("a${u:-b}c", &["bc"]),
        ("<<\t a <  b", &["<<\t a", "<", "b"]),
    ];
    for (word, expected) in cases {
        assert_eq!(
            expand_words(word, '\\', &environment),
            Ok(expected.iter().map(|&word| word.to_owned()).collect()),
            "{word}"
        );
    }
}

#[test]
fn quotes_escapes_and_unset_variables_stay_where_they_are_asked_to() {
    let lexer = |word| Lexer::new(word, '\\', &environment, Quotes::Kept).keeping_escapes().keeping_unset();
    let cases = [
        ("'a' \"b\"", "'a' \"b\""),
        (r"\a\\", r"\a\\"),
        // In double quotes BuildKit keeps an escape that escapes nothing twice.
        (r#""\$x \"b\a""#, r#""\$x \"b\\a""#),
        ("$x$u${u}", "abc$u${u}"),
        ("${u:-$x}${u+a}", "${u:-abc}${u+a}"),
        ("${u##a}${u/a/b}${u//a/b}", "${u##a}${u/a/b}${u/a/b}"),
        ("${u?a}${u:=b}", "${u?a}${u:=b}"),
    ];
    for (word, expected) in cases {
        assert_eq!(lexer(word).process().map(|(text, _)| text), Ok(expected.to_owned()), "{word}");
    }
}

#[test]
fn references_are_found_in_quotes_and_in_one_another_and_not_where_escaped() {
    let word = r#"a$b"${c:-${d}}"'$e'\$f$1$"#;
    let found: Vec<_> =
        references(word, '\\').into_iter().map(|found| (found.name, word[found.range].to_owned())).collect();
    let names = ["b", "c", "d", "1"];
    assert_eq!(found, names.map(|name| (name.to_owned(), name.to_owned())));
}

#[test]
fn the_escape_character_is_the_files() {
    let text = |word, escape| expand(word, escape, &shout).unwrap().text;
    assert_eq!(text(r"C:\$x", '`'), r"C:\X");
    assert_eq!(text("`$x``", '`'), "$x`");
    assert_eq!(text(r#""`$x`"\""#, '`'), r#"$x"\"#);
    assert_eq!(text(r"\$x", '\\'), "$x");
    // In a pattern it is the backslash all the same.
    assert_eq!(text(r"${x#\*}", '`'), "X");
}

#[test]
fn what_was_asked_for_is_told_apart_by_whether_it_was_there() {
    let expansion = expand("$a-$b", '\\', &|name| (name == "a").then(|| "1".to_owned())).unwrap();
    assert_eq!(expansion.text, "1-");
    assert!(expansion.used.contains("a") && expansion.unset.contains("b"));
    let expansion = expand("$a${b:-$c}${d+$e}${f%g}", '\\', &|_| None).unwrap();
    assert_eq!(expansion.unset.into_iter().collect::<String>(), "abcdef");
    assert_eq!(expansion.missing.into_iter().collect::<String>(), "acf");
}

#[test]
fn a_hundred_thousand_braces_in_one_another_are_refused_and_harm_nobody() {
    let word = "${a:-".repeat(100_000);
    assert_eq!(expand(&word, '\\', &|_| None), Err(ExpandError::TooDeep));
}

#[test]
fn a_word_that_repeats_itself_without_end_is_refused() {
    let text = "x".repeat(4096);
    let environment = |_: &str| Some(text.clone());
    assert_eq!(expand(&"$a".repeat(4096), '\\', &environment), Err(ExpandError::TooLong));
    assert_eq!(expand("${a//?/$a}", '\\', &environment), Err(ExpandError::TooLong));
    let nested = "${a//?/".repeat(50) + "y" + &"}".repeat(50);
    assert_eq!(expand(&nested, '\\', &environment), Err(ExpandError::TooLong));
    let pattern = "${a#*".to_owned() + &"x?".repeat(2000) + "y}";
    assert_eq!(expand(&pattern, '\\', &environment), Err(ExpandError::TooLong));
    assert!(expand(&"$a".repeat(2), '\\', &environment).is_ok());
}

proptest! {
    #[test]
    fn no_word_panics(word in any::<String>(), set in any::<bool>()) {
        let _ = expand(&word, '\\', &|name| set.then(|| name.to_owned()));
        for reference in references(&word, '`') {
            prop_assert_eq!(&word[reference.range], reference.name.as_str());
        }
    }

    #[test]
    fn no_word_of_the_lexers_own_characters_panics(word in "[${}:+?#%/*\\\\'\"a-c <-]{0,24}") {
        let _ = expand(&word, '\\', &|name| (name != "a").then(|| name.to_owned()));
        for reference in references(&word, '\\') {
            prop_assert_eq!(&word[reference.range], reference.name.as_str());
        }
    }
}
