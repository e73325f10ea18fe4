use plimsoll::{
    dockerfile,
    lint::{Profile, Settings, check},
    text::SourceFile,
};
use rayon::prelude::*;
fn main() {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let out: Vec<_> = files
        .par_iter()
        .flat_map_iter(|p| {
            let src = SourceFile::new(p.clone(), std::fs::read(p).unwrap());
            let parsed = dockerfile::parse(&src);
            let s = Settings {
                profile: Profile::All,
                inline_ignores: plimsoll::lint::InlineIgnores::Disabled,
                ..Settings::default()
            };
            let mut o = vec![];
            for d in check(&src, None, &s) {
                for a in d.aliases {
                    if a.starts_with("SC") {
                        let l = parsed
                            .dockerfile
                            .instructions()
                            .find(|i| i.lines.contains_range(d.range))
                            .map_or(0, |i| src.line_column(i.range.start()).line);
                        o.push(serde_json::json!([
                            p,
                            l,
                            a,
                            d.range.start(),
                            d.range.end(),
                            d.profile == Profile::Default,
                            d.rule.name()
                        ]))
                    }
                }
            }
            o
        })
        .collect();
    println!("{}", serde_json::to_string(&out).unwrap());
}
