//! How fast the parser is, beside `dockerfile-parser` 0.9 and beside what bounds it: `cargo bench --bench parse`.
//!
//! The files are those under `corpus/files` in the folder that `PLIMSOLL_SHARED` names (or `../shared`), else one of
//! its own. All take turns on one thread, round by round, so that whatever else the machine does hits all alike; the
//! medians count. `dockerfile-parser` refuses some files, and then it has less to do: the ratio that counts is that on
//! the files it takes. Large files are not given to it, since its time grows faster than their length.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use plimsoll::dockerfile::{Body, Command, Dockerfile, Healthcheck, Instruction, parse};
use plimsoll::graph::resolve;
use plimsoll::text::SourceFile;

const ROUNDS: usize = 15;

/// What is measured where no corpus is at hand, and what large files are made of.
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

/// A name and what is timed.
type Contender<'a> = (&'static str, Box<dyn Fn() + 'a>);

fn main() {
    let files = files();
    let taken: Vec<String> =
        files.iter().filter(|file| dockerfile_parser::Dockerfile::parse(file).is_ok()).cloned().collect();
    corpus("all files", &files);
    corpus("files that dockerfile-parser takes", &taken);
    linearity();
}

/// One table: every contender on `files`, and what that says.
fn corpus(title: &str, files: &[String]) {
    let bytes: usize = files.iter().map(String::len).sum();
    let blocks: usize =
        files.iter().map(|file| blocks(&parse(&SourceFile::new("", file.as_str())).dockerfile)).sum();
    let contenders: [Contender<'_>; 6] = [
        ("plimsoll", each(files, plimsoll)),
        (
            "dockerfile-parser",
            each(files, |text| drop(black_box(dockerfile_parser::Dockerfile::parse(text)))),
        ),
        (
            "plimsoll, with the stage graph",
            each(files, |text| {
                let source = SourceFile::new("", text);
                drop(black_box(resolve(&parse(&source).dockerfile, &BTreeMap::new())));
            }),
        ),
        ("a copy of the bytes", each(files, |text| drop(black_box(text.to_owned())))),
        (
            "a search for the newlines",
            each(files, |text| {
                black_box(memchr::memchr_iter(b'\n', text.as_bytes()).count());
            }),
        ),
        ("as many allocations as the tree has", Box::new(move || allocate(blocks))),
    ];
    println!("{title}: {}, {:.2} MB, median of {ROUNDS} rounds", files.len(), megabytes(bytes));
    let times = rounds(&contenders);
    let Some(own) = times.first() else { return };
    for ((name, _), times) in contenders.iter().zip(&times) {
        let seconds = median(times);
        // The two of a ratio stood side by side in their round.
        let ratios: Vec<f64> = times.iter().zip(own).map(|(time, own)| time / own).collect();
        let (rate, ratio) = (megabytes(bytes) / seconds, median(&ratios));
        println!("  {name:<36} {:>9.2} ms {rate:>9.1} MB/s {ratio:>8.2} ×", seconds * 1e3);
    }
    let floor: f64 = times.iter().skip(3).map(|times| median(times)).sum();
    println!(
        "  copying, searching and {:.1} allocations a KB are {:.0} % of the parser's time\n",
        count(blocks) / count(bytes) * 1e3,
        floor / median(own) * 100.0,
    );
}

fn plimsoll(text: &str) {
    drop(black_box(parse(&SourceFile::new("", text))));
}

fn each<'a>(files: &'a [String], run: fn(&str)) -> Box<dyn Fn() + 'a> {
    Box::new(move || files.iter().for_each(|file| run(file)))
}

/// The seconds that each contender took in each round, one round of each after the other.
fn rounds(contenders: &[Contender<'_>]) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..=ROUNDS {
        for ((_, run), times) in contenders.iter().zip(&mut times) {
            let seconds = time(run);
            // The first round warms the caches.
            if round > 0 {
                times.push(seconds);
            }
        }
    }
    times
}

fn time(run: impl Fn()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64()
}

/// Whether the time grows as the length does: files of 1, 2, 5 and 10 MB, of three shapes.
fn linearity() {
    let line = "  && install --directory /srv/app \\\n";
    let heredoc = "RUN <<EOF\nset -e\nnpm ci --omit=dev\nEOF\n";
    let shapes: [(&str, &str, &str, &str); 3] = [
        ("a usual file again and again", "", OWN, ""),
        ("one instruction", "FROM x\nRUN true \\\n", line, "  && true\n"),
        ("heredocs", "FROM x\n", heredoc, ""),
    ];
    println!("time for a MB of files of 1, 2, 5 and 10 MB, and beside that of 1 MB");
    for (name, head, part, tail) in shapes {
        print!("  {name:<36}");
        let mut first = None;
        for size in [1_000_000, 2_000_000, 5_000_000, 10_000_000] {
            let text = format!("{head}{}{tail}", part.repeat(size / part.len()));
            let times: Vec<f64> = (0..5).map(|_| time(|| plimsoll(&text))).collect();
            let for_a_megabyte = median(&times) / megabytes(text.len());
            let ratio = for_a_megabyte / *first.get_or_insert(for_a_megabyte);
            print!(" {:>6.2} ms {ratio:>5.2} ×", for_a_megabyte * 1e3);
        }
        println!();
    }
}

/// How many blocks of memory the tree is in.
fn blocks(dockerfile: &Dockerfile<'_>) -> usize {
    1 + dockerfile.instructions().map(blocks_of).sum::<usize>()
}

fn blocks_of(instruction: &Instruction<'_>) -> usize {
    let body = match &instruction.body {
        Body::Run(command)
        | Body::Cmd(command)
        | Body::Entrypoint(command)
        | Body::Healthcheck(Healthcheck::Cmd(command)) => usize::from(matches!(command, Command::Exec(_))),
        Body::From(_) | Body::User(_) | Body::Workdir(_) | Body::Stopsignal(_) | Body::Maintainer(_) => 0,
        Body::Onbuild(trigger) => 1 + blocks_of(trigger),
        _ => 1,
    };
    let lists =
        [instruction.flags.is_empty(), instruction.heredocs.is_empty(), instruction.comments.is_empty()];
    body + lists.into_iter().filter(|is_empty| !is_empty).count()
}

/// Takes as many blocks of a usual list's size, a file's at a time, and gives them back.
fn allocate(blocks: usize) {
    let mut held: Vec<Vec<u8>> = Vec::with_capacity(16);
    for _ in 0..blocks {
        if held.len() == held.capacity() {
            held.clear();
        }
        held.push(black_box(Vec::with_capacity(256)));
    }
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn megabytes(bytes: usize) -> f64 {
    count(bytes) / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
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
