use std::time::Duration;

use crate::dockerfile::{Body, Healthcheck, Instruction};
use crate::lint::cost::Waste;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// The container is not known to be healthy before a whole interval has passed.
    ///
    /// ## Why it matters
    /// Without `--start-period` the first check runs when the first interval, 30 seconds unless told otherwise, is
    /// over. Until then the container is `starting`, however fast the program is, and what waits for its health waits
    /// with it: `depends_on` with `service_healthy`, a rolling update, a load balancer. With a start period, an Engine
    /// from 25.0 on checks every five seconds while it lasts, or every `--start-interval`, and failed checks don't
    /// count. Kubernetes has probes of its own and looks at no `HEALTHCHECK`.
    ///
    /// A `--start-interval` without `--start-period` is reported in any case: it has no effect.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM nginx:1.29.3
    /// HEALTHCHECK --interval=30s --start-interval=2s CMD ["curl", "-f", "http://localhost/"]
    /// ```
    /// ```dockerfile,on-request
    /// FROM nginx:1.29.3
    /// HEALTHCHECK --interval=30s CMD ["curl", "-f", "http://localhost/"]
    /// ```
    /// ```dockerfile,good
    /// FROM nginx:1.29.3
    /// HEALTHCHECK --interval=30s --start-period=20s --start-interval=2s CMD ["curl", "-f", "http://localhost/"]
    /// ```
    name: "slow-first-health-check",
    aliases: [],
    category: Start,
    severity: Info,
    profile: Default,
    fix: None,
}

/// The interval where none is set, in seconds. Source: moby, daemon/health.go.
const DEFAULT_INTERVAL: f64 = 30.0;

/// The first check of a container with a start period, in seconds: a first interval up to this is not late.
const DEFAULT_START_INTERVAL: f64 = 5.0;

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(index) = input.facts.target().and_then(|target| target.end.healthcheck) else { return };
    let Some(fact) = input.facts.get(input.dockerfile, index) else { return };
    let instruction = fact.instruction;
    let Body::Healthcheck(Healthcheck::Cmd(_)) = &instruction.body else { return };
    if seconds(instruction, "start-period").is_some_and(|seconds| seconds > 0.0) {
        return;
    }
    if let Some(flag) = instruction.flag("start-interval") {
        found.push(
            Diagnostic::new(&RULE, flag.range, "`--start-interval` has no effect without a `--start-period`")
                .help("add `--start-period` with the time that a start may take"),
        );
        return;
    }
    let interval =
        seconds(instruction, "interval").filter(|interval| *interval > 0.0).unwrap_or(DEFAULT_INTERVAL);
    if interval <= DEFAULT_START_INTERVAL {
        return;
    }
    let range = instruction.flag("interval").map_or(instruction.name.range, |flag| flag.range);
    let late = Duration::try_from_secs_f64(interval - DEFAULT_START_INTERVAL).unwrap_or_default();
    let basis = format!("the interval less the {DEFAULT_START_INTERVAL} s of a start period's checks");
    found.push(
        Diagnostic::new(&RULE, range, format!("the first check runs only {interval} s after the start"))
            .help("add `--start-period` with the time that a start may take: while it lasts, checks run every 5 s")
            .wastes(input, &fact, &Waste::Start(late, basis))
            .on_request(),
    );
}

/// The flag's duration in seconds; nothing where it isn't set, or not a duration.
fn seconds(instruction: &Instruction, flag: &str) -> Option<f64> {
    let mut rest = instruction.flag_value(flag)?.text.trim_matches('"');
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at_checked(digits)?;
        let letters = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, next) = behind.split_at_checked(letters)?;
        let unit = match unit {
            "h" => Duration::from_hours(1),
            "m" => Duration::from_mins(1),
            "s" => Duration::from_secs(1),
            "ms" => Duration::from_millis(1),
            "us" | "µs" => Duration::from_micros(1),
            "ns" => Duration::from_nanos(1),
            "" if number == "0" => Duration::ZERO,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * unit.as_secs_f64();
        rest = next;
    }
    Some(total)
}
