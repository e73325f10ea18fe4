//! The images that stages stand on.

use crate::graph::Base;

use super::Input;

/// The image at the bottom of a stage, with its tag; nothing where it is none or not known.
pub(super) fn lowest_image<'a>(input: &Input<'a>, stage: usize) -> Option<&'a str> {
    let chain = input.graph.chain(stage);
    match &input.graph.stages.get(*chain.first()?)?.base {
        Base::Image { reference, .. } => {
            Some(reference).filter(|reference| !reference.contains('$')).map(String::as_str)
        }
        _ => None,
    }
}

/// The tag of a reference; nothing where it has none.
pub(crate) fn tag(reference: &str) -> Option<&str> {
    let name = reference.split('@').next()?;
    let last = name.rsplit('/').next()?;
    last.split_once(':').map(|(_, tag)| tag)
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn a_port_and_a_digest_are_no_tag() {
        assert_eq!(tag("python:3.14-slim"), Some("3.14-slim"));
        assert_eq!(tag("localhost:5000/python"), None);
        assert_eq!(tag("localhost:5000/python:3@sha256:00"), Some("3"));
        assert_eq!(tag("python@sha256:00"), None);
    }
}
