//! From what is written to what can be used.

use std::ops::Range;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use regex::Regex;
use toml::Spanned;

use super::error::{Mistake, list};
use super::{Config, VariantConfig, lint, schema};
use crate::bench::ORIGINAL;
use crate::engine::{BuildArgs, Readiness};
use crate::region::{Link, Region, Role, parse_delay};

/// Names that the variants which Plimsoll makes have.
const OWN_VARIANTS: [&str; 3] = [ORIGINAL, "safe", "unsafe"];

pub(super) fn check(file: schema::File, folder: &Path) -> Result<Config, Mistake> {
    let fail_on = file.lint.fail_on.as_ref().map(lint::fail_on).transpose()?;
    let shellcheck = file.lint.shellcheck;
    let lint = lint::settings(file.lint)?;
    let (readiness, start_limit) = match file.readiness {
        Some(readiness) => readiness_of(readiness)?,
        None => (None, None),
    };
    let variants = file.variants.0.into_iter().map(|(name, variant)| self::variant(name, variant, folder));
    let regions = file.regions.0.into_iter().map(|(name, region)| self::region(name.into_inner(), &region));
    Ok(Config {
        path: None,
        lint,
        fail_on,
        shellcheck,
        readiness,
        start_limit,
        variants: variants.collect::<Result<_, _>>()?,
        regions: regions.collect::<Result<_, _>>()?,
        blocks: file.bench.blocks.as_ref().map(blocks).transpose()?,
        objective: file.bench.objective.map(|objective| parse(&objective)).transpose()?,
        context: file.bench.context.map(|context| folder.join(context)),
        target: file.bench.target,
        build_args: BuildArgs(file.bench.build_args),
    })
}

/// Parses a value with its own type's words for what is wrong.
fn parse<T>(value: &Spanned<String>) -> Result<T, Mistake>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    value.get_ref().parse().map_err(|error: T::Err| Mistake::new(value.span(), error.to_string()))
}

/// One of a few words.
pub(super) fn choose<T: Copy>(
    value: &Spanned<String>,
    what: &str,
    known: &[(&str, T)],
) -> Result<T, Mistake> {
    let found = known.iter().find(|(name, _)| name == value.get_ref());
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        Mistake::new(value.span(), format!("`{}` is no {what}", value.get_ref()))
            .help(format!("it is one of {}", list(&names)))
    })
}

fn readiness_of(
    written: Spanned<schema::Readiness>,
) -> Result<(Option<Readiness>, Option<Duration>), Mistake> {
    let place: Range<usize> = written.span();
    let written = written.into_inner();
    let limit = written.timeout.as_ref().map(delay).transpose()?;
    let http =
        written.http.map(|http| Readiness::Http { port: http.port, path: http.path, status: http.status });
    let tcp = written.tcp.map(|tcp| Readiness::Tcp { port: tcp.port });
    let log = written.log.map(|pattern| log_line(&pattern)).transpose()?;
    let healthcheck = match written.healthcheck {
        Some(wanted) if !*wanted.get_ref() => {
            return Err(Mistake::new(wanted.span(), "`healthcheck` is `true` or left out"));
        }
        other => other.map(|_| Readiness::Healthcheck),
    };
    let exit = written.exit.map(|code| Readiness::Exit { code: code.into_inner() });
    let mut ways: Vec<Readiness> = [http, tcp, log, healthcheck, exit].into_iter().flatten().collect();
    if ways.len() > 1 {
        return Err(Mistake::new(place, "there is more than one way to be ready")
            .help("keep one of `http`, `tcp`, `log`, `healthcheck` and `exit`"));
    }
    Ok((ways.pop(), limit))
}

fn log_line(pattern: &Spanned<String>) -> Result<Readiness, Mistake> {
    Regex::new(pattern.get_ref())
        .map(Readiness::LogLine)
        .map_err(|error| Mistake::new(pattern.span(), format!("the pattern can't be read: {error}")))
}

fn delay(value: &Spanned<String>) -> Result<Duration, Mistake> {
    parse_delay(value.get_ref()).map_err(|error| Mistake::new(value.span(), error.to_string()))
}

fn variant(name: Spanned<String>, variant: schema::Variant, folder: &Path) -> Result<VariantConfig, Mistake> {
    if OWN_VARIANTS.contains(&name.get_ref().as_str()) {
        let message = format!("`{}` is the name of a variant that Plimsoll makes", name.get_ref());
        return Err(Mistake::new(name.span(), message).help("give yours another name"));
    }
    let dockerfile = variant.dockerfile.map(|path| folder.join(path.into_inner()));
    if dockerfile.is_none() && variant.target.is_none() && variant.build_args.is_empty() {
        let message = format!("the variant `{}` is the original", name.get_ref());
        return Err(Mistake::new(name.span(), message)
            .help("give it a `dockerfile`, a `target` or `build-args` of its own"));
    }
    Ok(VariantConfig {
        name: name.into_inner(),
        dockerfile,
        target: variant.target,
        build_args: BuildArgs(variant.build_args),
    })
}

fn region(name: String, region: &schema::Region) -> Result<Region, Mistake> {
    let role = choose(&region.role, "role", &[("primary", Role::Primary), ("failover", Role::Failover)])?;
    let mut link = Link::new(delay(&region.link.rtt)?, parse(&region.link.bandwidth)?);
    if let Some(jitter) = &region.link.jitter {
        link.jitter = delay(jitter)?;
    }
    if let Some(loss) = &region.link.loss {
        link.loss = parse(loss)?;
    }
    Ok(Region { name, role, link })
}

fn blocks(value: &Spanned<i64>) -> Result<u32, Mistake> {
    u32::try_from(*value.get_ref())
        .ok()
        .filter(|blocks| *blocks > 0)
        .ok_or_else(|| Mistake::new(value.span(), "the number of blocks is 1 or more"))
}
