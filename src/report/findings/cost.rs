//! What findings cost, in words.

use std::time::Duration;

use crate::bytes::Bytes;
use crate::lint::{Impact, Precision, Total};

/// `about 21 MB in the image, 1.3 s a pull`.
pub(super) fn words(impact: &Impact) -> String {
    let bytes = impact.bytes.map(|bytes| match impact.precision {
        Precision::Exact => format!("{bytes} in the image"),
        Precision::About | Precision::AtMost => format!("{} in the image", rough(bytes)),
    });
    let times = times(impact.pull, impact.rebuild, impact.start);
    // Sizes that were counted are sure; how long they take is not.
    let (before, between) = match (impact.precision, &bytes) {
        (Precision::Exact, Some(_)) => ("", "about "),
        (Precision::Exact | Precision::About, _) => ("about ", ""),
        (Precision::AtMost, _) => ("up to ", ""),
    };
    let times = (!times.is_empty()).then(|| format!("{between}{}", times.join(", ")));
    let parts: Vec<String> = bytes.into_iter().chain(times).collect();
    format!("{before}{}", parts.join(", "))
}

/// What all findings cost together; nothing where fewer than two of them tell.
pub(super) fn total(total: &Total, findings: usize) -> Option<String> {
    let bytes = Some(total.bytes).filter(|bytes| bytes.0 > 0);
    let bytes = bytes.map(|bytes| format!("{} in the image", rough(bytes)));
    let known = |time: Duration| Some(time).filter(|time| !time.is_zero());
    let times = times(known(total.pull), known(total.rebuild), known(total.start));
    let parts: Vec<String> = bytes.into_iter().chain(times).collect();
    (total.findings > 1 && !parts.is_empty()).then(|| {
        format!("together about {} ({} of {findings} tell what they cost)", parts.join(", "), total.findings)
    })
}

fn times(pull: Option<Duration>, rebuild: Option<Duration>, start: Option<Duration>) -> Vec<String> {
    let each = [(pull, "pull"), (rebuild, "rebuild"), (start, "start")];
    let known = each.into_iter().filter_map(|(time, what)| Some(format!("{} a {what}", seconds(time?))));
    known.collect()
}

/// Two figures: more would promise more than an estimate holds.
fn rough(bytes: Bytes) -> String {
    let mut unit = 1;
    while bytes.0 / unit >= 100 {
        unit *= 10;
    }
    let rounded = Bytes((bytes.0 + unit / 2) / unit * unit).to_string();
    match rounded.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            let two = number.get(..3).filter(|two| !two.ends_with('.')).or(number.get(..2));
            format!("{} {unit}", two.unwrap_or(number))
        }
        _ => rounded,
    }
}

fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        short if short < 0.995 => format!("{short:.2} s"),
        some if some < 9.95 => format!("{some:.1} s"),
        many => format!("{many:.0} s"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{rough, seconds, words};
    use crate::bytes::Bytes;
    use crate::lint::{Impact, Precision};

    #[test]
    fn an_estimate_has_two_figures() {
        let shown = [800, 4_949, 20_942_875, 99_600_000, 123_456_789, 1_234_567_890].map(|n| rough(Bytes(n)));
        assert_eq!(shown, ["800 B", "4.9 kB", "21 MB", "100 MB", "120 MB", "1.2 GB"]);
        let shown = [75, 94, 340, 9_940, 12_400].map(|n| seconds(Duration::from_millis(n)));
        assert_eq!(shown, ["0.07 s", "0.09 s", "0.34 s", "9.9 s", "12 s"]);
    }

    #[test]
    fn what_was_counted_is_told_apart_from_what_was_reckoned() {
        let mut impact = Impact::of_bytes(Bytes(20_942_875), "counted");
        impact.pull = Some(Duration::from_millis(1_340));
        assert_eq!(words(&impact), "about 21 MB in the image, 1.3 s a pull");
        impact.precision = Precision::Exact;
        assert_eq!(words(&impact), "20.9 MB in the image, about 1.3 s a pull");
        impact.precision = Precision::AtMost;
        assert_eq!(words(&impact), "up to 21 MB in the image, 1.3 s a pull");
        impact.bytes = None;
        impact.precision = Precision::Exact;
        assert_eq!(words(&impact), "about 1.3 s a pull");
    }
}
