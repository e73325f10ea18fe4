//! How fast the parser is, beside `dockerfile-parser` 0.9, on the same files: `cargo bench --bench parse`.
//!
//! The files are those under `corpus/files` in the folder that `PLIMSOLL_SHARED` names (or `../shared`), else one of
//! its own. The two take turns, round by round, so that whatever else the machine does hits both; the medians count.
//! `dockerfile-parser` refuses some files, and then it has less to do: both are also timed on those it takes.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use plimsoll::dockerfile::parse;
use plimsoll::graph::resolve;
use plimsoll::text::SourceFile;

const ROUNDS: usize = 15;

/// What is measured where no corpus is at hand.
const OWN: &str = "\
FROM node:22-alpine AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN apk add --no-cache python3 make g++ \\
    # for native modules
    && npm ci
COPY . .
ENV NODE_ENV=production CI=true
RUN npm run build

FROM nginx:1.27-alpine
LABEL org.opencontainers.image.title=shop
COPY --from=build /app/dist /usr/share/nginx/html
EXPOSE 80
CMD [\"nginx\", \"-g\", \"daemon off;\"]
";

type Contender<'a> = (&'static str, Box<dyn Fn(&str) + 'a>);

fn main() {
    let files = files();
    let taken: Vec<String> =
        files.iter().filter(|file| dockerfile_parser::Dockerfile::parse(file).is_ok()).cloned().collect();
    let contenders: [Contender<'_>; 3] = [
        ("plimsoll", Box::new(|text| drop(black_box(parse(&SourceFile::new("", text)))))),
        (
            "plimsoll, with the stage graph",
            Box::new(|text| {
                let parsed = parse(&SourceFile::new("", text));
                drop(black_box(resolve(&parsed.dockerfile, &std::collections::BTreeMap::new())));
            }),
        ),
        ("dockerfile-parser", Box::new(|text| drop(black_box(dockerfile_parser::Dockerfile::parse(text))))),
    ];
    for (title, files) in [("all files", &files), ("files that dockerfile-parser takes", &taken)] {
        let bytes: usize = files.iter().map(String::len).sum();
        println!("{title}: {}, {} KiB, median of {ROUNDS} rounds", files.len(), bytes / 1024);
        let medians = medians(&contenders, files);
        let first = medians.first().map_or(f64::NAN, Duration::as_secs_f64);
        for ((name, _), median) in contenders.iter().zip(&medians) {
            let seconds = median.as_secs_f64();
            #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
            let rate = bytes as f64 / 1_048_576.0 / seconds;
            println!("  {name:<31} {:>9.2} ms {rate:>8.1} MiB/s {:>6.1} ×", seconds * 1e3, seconds / first);
        }
    }
}

/// Each contender's median time for all files, one round of each after the other.
fn medians(contenders: &[Contender<'_>], files: &[String]) -> Vec<Duration> {
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..=ROUNDS {
        for ((_, parse), times) in contenders.iter().zip(&mut times) {
            let start = Instant::now();
            for file in files {
                parse(file);
            }
            // The first round warms the caches.
            if round > 0 {
                times.push(start.elapsed());
            }
        }
    }
    times
        .into_iter()
        .map(|mut times| {
            times.sort();
            times.get(ROUNDS / 2).copied().unwrap_or_default()
        })
        .collect()
}

fn files() -> Vec<String> {
    let shared =
        std::env::var_os("PLIMSOLL_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let entries = fs::read_dir(shared.join("corpus/files")).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    // Both read text; a file that is none would be measured for its conversion.
    let files: Vec<String> = paths.into_iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    if files.is_empty() { vec![OWN.to_owned(); 1000] } else { files }
}
