use crate::facts::Fact;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// PHP compiles every file again on each request.
    ///
    /// ## Why it matters
    /// OPcache keeps the compiled form of each file in memory. The official images bring it and leave it off until PHP
    /// 8.4; from 8.5 on it is part of PHP. A web server without it spends most of a request's time on parsing.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM php:8.4-fpm
    /// COPY . /var/www/html
    /// ```
    /// ```dockerfile,good
    /// FROM php:8.4-fpm
    /// RUN docker-php-ext-install opcache
    /// COPY . /var/www/html
    /// ```
    /// A command line program starts once and gains nothing:
    /// ```dockerfile,good
    /// FROM php:8.4-cli
    /// COPY . /app
    /// CMD ["php", "/app/job.php"]
    /// ```
    name: "php-without-opcache",
    aliases: ["tally/php/enable-opcache-in-production"],
    category: Start,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(target) = input.facts.target else { return };
    let chain = input.graph.chain(target);
    let Some(root) = chain.first().and_then(|root| input.facts.stages.get(*root)) else { return };
    let from = root.instructions.first().and_then(|index| input.facts.get(input.dockerfile, *index));
    let (Some(from), Some(base)) = (from, root.base.as_deref()) else { return };
    if !serves_without(base) {
        return;
    }
    let speaks =
        |fact: Fact<'_>| input.source.slice(fact.instruction.range).to_ascii_lowercase().contains("opcache");
    let is_told = chain.iter().flat_map(|stage| input.facts.of_stage(input.dockerfile, *stage)).any(speaks);
    // A configuration of its own, copied into the image, may switch it on.
    let configures =
        chain.iter().flat_map(|stage| input.facts.of_stage(input.dockerfile, *stage)).any(|fact| {
            let text = input.source.slice(fact.instruction.range);
            text.contains("conf.d") || text.contains("php.ini")
        });
    if !is_told && !configures {
        found.push(
            Diagnostic::new(&RULE, from.instruction.range, format!("`{base}` serves without OPcache"))
                .help("run `docker-php-ext-install opcache`"),
        );
    }
}

/// Whether it is an official image of PHP that serves requests, of a version that leaves OPcache off.
fn serves_without(base: &str) -> bool {
    let base = base.strip_prefix("docker.io/").unwrap_or(base);
    let Some((name, tag)) = base.strip_prefix("library/").unwrap_or(base).split_once(':') else {
        return false;
    };
    let version = tag.split('-').next().unwrap_or_default();
    let mut numbers = version.split('.').map(str::parse::<u32>);
    let is_older = match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < (8, 5),
        (Some(Ok(major)), None) => major < 8,
        _ => false,
    };
    name == "php" && is_older && (tag.contains("fpm") || tag.contains("apache"))
}
