use plimsoll::{
    dockerfile,
    lint::{Settings, shell_scripts},
    text::SourceFile,
};
fn main() {
    let mut out = vec![];
    for p in std::env::args().skip(1) {
        let src = SourceFile::new(p.clone(), std::fs::read(&p).unwrap());
        let parsed = dockerfile::parse(&src);
        for s in shell_scripts(&src, &Settings::default()) {
            let at = s.start;
            let i = parsed
                .dockerfile
                .instructions()
                .find(|i| i.lines.start <= at && at <= i.lines.end())
                .unwrap();
            out.push(serde_json::json!({"file":p,"line":src.line_column(i.range.start()).line,"kw":i.name.text,"start":at,"text":s.text}));
        }
    }
    println!("{}", serde_json::to_string(&out).unwrap());
}
