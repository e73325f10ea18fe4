use std::path::Path;

use super::Config;

/// What is wrong, the text it points at, and the help.
fn mistake(text: &str) -> (String, String, String) {
    let mistake = Config::parse(text, Path::new("/project")).unwrap_err();
    (mistake.message, text[mistake.range].to_owned(), mistake.help.unwrap_or_default())
}

#[test]
fn an_empty_file_is_all_defaults() {
    let config = Config::parse("", Path::new("")).unwrap();
    assert!(config.regions.is_empty() && config.variants.is_empty() && config.readiness.is_none());
}

#[test]
fn variants_and_regions_keep_the_order_of_the_file() {
    let config = Config::parse(
        r#"
        [variants.slim]
        dockerfile = "slim.Dockerfile"
        [variants.alpine]
        target = "alpine"
        [regions.west]
        role = "primary"
        link = { rtt = "5ms", bandwidth = "1Gbit" }
        [regions.east]
        role = "failover"
        link = { rtt = "120ms", bandwidth = "150Mbit", jitter = "8ms", loss = "0.1%" }
        "#,
        Path::new("/project"),
    )
    .unwrap();
    let variants: Vec<&str> = config.variants.iter().map(|variant| variant.name.as_str()).collect();
    let regions: Vec<&str> = config.regions.iter().map(|region| region.name.as_str()).collect();
    assert_eq!((variants, regions), (vec!["slim", "alpine"], vec!["west", "east"]));
    assert_eq!(config.variants[0].dockerfile.as_deref(), Some(Path::new("/project/slim.Dockerfile")));
}

#[test]
fn an_unknown_key_is_pointed_at_with_the_nearest_right_name() {
    let (message, at, help) = mistake("[regions.west]\nrole = \"primary\"\nlnk = { rtt = \"5ms\" }\n");
    assert_eq!(
        (message.as_str(), at.as_str(), help.as_str()),
        ("unknown key `lnk`", "lnk", "did you mean `link`?")
    );
    let (message, at, help) = mistake("[lint]\ncolour = \"blue\"\n");
    assert_eq!((message.as_str(), at.as_str()), ("unknown key `colour`", "colour"));
    assert!(help.starts_with("the keys here are `profile`, `select`, `extend-select`, `ignore`"), "{help}");
}

#[test]
fn every_wrong_value_is_pointed_at() {
    let cases = [
        ("[lint]\nignore = [\"root-usr\"]\n", "\"root-usr\"", "did you mean `root-user`?"),
        (
            "[lint]\nfail-on = \"warn\"\n",
            "\"warn\"",
            "it is one of `error`, `warning`, `info`, `style` and `none`",
        ),
        ("[lint]\nselect = [\"securty\"]\n", "\"securty\"", "did you mean `security`?"),
        ("[lint.severity]\nroot-usr = \"info\"\n", "root-usr", "did you mean `root-user`?"),
        (
            "[lint.severity]\nroot-user = \"grave\"\n",
            "\"grave\"",
            "it is one of `error`, `warning`, `info` and `style`",
        ),
        (
            "[lint.label-schema]\nauthor = \"word\"\n",
            "\"word\"",
            "it is one of `text`, `url`, `rfc3339`, `spdx`, `hash`, `semver` and `email`",
        ),
        (
            "[[lint.custom]]\nname = \"No\"\npattern = \"a\"\nmessage = \"m\"\n",
            "\"No\"",
            "use small letters, digits and hyphens, as in `no-latest-tag`",
        ),
        (
            "[[lint.custom]]\nname = \"root-user\"\npattern = \"a\"\nmessage = \"m\"\n",
            "\"root-user\"",
            "give yours another name",
        ),
        (
            "[[lint.custom]]\nname = \"mine\"\nmessage = \"m\"\n",
            "\"mine\"",
            "give it a `pattern` for an instruction's text, or a `command` for what a script runs",
        ),
        (
            "[[lint.custom]]\nname = \"mine\"\npattern = \"a\"\ncommand = \"b\"\nmessage = \"m\"\n",
            "\"b\"",
            "keep one of `pattern` and `command`",
        ),
        (
            "[[lint.custom]]\nname = \"mine\"\npattern = \"a\"\ninstruction = \"RAN\"\nmessage = \"m\"\n",
            "\"RAN\"",
            "",
        ),
        ("[[lint.custom]]\nname = \"mine\"\npattern = \"(\"\nmessage = \"m\"\n", "\"(\"", ""),
        ("[readiness]\nlog = \"(\"\n", "\"(\"", ""),
        ("[readiness]\nhealthcheck = false\n", "false", ""),
        ("[variants.safe]\ntarget = \"x\"\n", "safe", "give yours another name"),
        ("[variants.mine]\n", "mine", "give it a `dockerfile`, a `target` or `build-args` of its own"),
        ("[bench]\nblocks = 0\n", "0", ""),
        (
            "[regions.a]\nrole = \"main\"\nlink = { rtt = \"1ms\", bandwidth = \"1Mbit\" }\n",
            "\"main\"",
            "it is one of `primary` and `failover`",
        ),
        (
            "[regions.a]\nrole = \"primary\"\nlink = { rtt = \"fast\", bandwidth = \"1Mbit\" }\n",
            "\"fast\"",
            "",
        ),
        ("[regions.a]\nrole = \"primary\"\nlink = { rtt = \"1ms\", bandwidth = \"wide\" }\n", "\"wide\"", ""),
    ];
    for (text, at, help) in cases {
        let (message, found, said) = mistake(text);
        assert_eq!((found.as_str(), said.as_str()), (at, help), "{text}: {message}");
    }
}

#[test]
fn two_ways_to_be_ready_are_one_too_many() {
    let (message, _, help) = mistake("[readiness]\nhttp = { port = 80 }\nexit = 0\n");
    assert_eq!(message, "there is more than one way to be ready");
    assert!(help.contains("keep one of"));
}
