//! What variants are ranked by: one quantity, or a weighted sum of several.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bench::quantity::{Quantity, Unit, UnknownQuantity};

/// A weighted sum of quantities of one unit; less is better. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    first: Term,
    rest: Vec<Term>,
}

/// One quantity and its weight in an objective.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// A factor greater than 0.
    pub weight: f64,
    /// The quantity.
    pub quantity: Quantity,
}

/// Why a text is no objective.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ObjectiveError {
    /// A term with nothing in it.
    #[error(
        "`{text}` has an empty term; write a quantity, as in `serve.cold`, or a sum, as in `0.7*serve.cold+0.3*pull.cold`"
    )]
    EmptyTerm {
        /// The whole objective.
        text: String,
    },
    /// A weight that is no number greater than 0.
    #[error("`{weight}` is no weight; write a number greater than 0, as in `0.7*serve.cold`")]
    Weight {
        /// The weight as given.
        weight: String,
    },
    /// A name that is no quantity's.
    #[error(transparent)]
    Quantity(#[from] UnknownQuantity),
    /// Quantities that can't be added.
    #[error("`{first}` and `{other}` have different units and can't be added; choose quantities of one unit")]
    Units {
        /// The first quantity.
        first: Quantity,
        /// The first that has another unit.
        other: Quantity,
    },
}

impl Objective {
    /// The terms of the sum.
    pub fn terms(&self) -> impl Iterator<Item = Term> {
        std::iter::once(self.first).chain(self.rest.iter().copied())
    }

    /// The quantity, where it is one and no sum.
    pub fn single(&self) -> Option<Quantity> {
        self.rest.is_empty().then_some(self.first.quantity)
    }

    /// The unit of the sum.
    pub fn unit(&self) -> Unit {
        self.first.quantity.unit()
    }

    /// Whether the sum has a value in each region, and not one for the variant.
    pub fn per_region(&self) -> bool {
        self.terms().any(|term| term.quantity.per_region())
    }
}

/// `serve.cold`: how soon a region with nothing on it serves.
impl Default for Objective {
    fn default() -> Self {
        Self { first: Term { weight: 1.0, quantity: Quantity::ServeCold }, rest: Vec::new() }
    }
}

impl FromStr for Objective {
    type Err = ObjectiveError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let term = |part: &str| parse_term(part.trim(), text);
        let mut parts = text.split('+');
        let first = term(parts.next().unwrap_or_default())?;
        let rest = parts.map(term).collect::<Result<Vec<Term>, _>>()?;
        let unit = first.quantity.unit();
        if let Some(other) = rest.iter().find(|term| term.quantity.unit() != unit) {
            return Err(ObjectiveError::Units { first: first.quantity, other: other.quantity });
        }
        Ok(Self { first, rest })
    }
}

fn parse_term(part: &str, text: &str) -> Result<Term, ObjectiveError> {
    let (weight, quantity) = match part.split_once('*') {
        Some((weight, quantity)) => (parse_weight(weight.trim())?, quantity.trim()),
        None => (1.0, part),
    };
    if quantity.is_empty() {
        return Err(ObjectiveError::EmptyTerm { text: text.to_owned() });
    }
    Ok(Term { weight, quantity: quantity.parse()? })
}

fn parse_weight(weight: &str) -> Result<f64, ObjectiveError> {
    let number = weight.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| ObjectiveError::Weight { weight: weight.to_owned() })
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Term { weight, quantity }) in self.terms().enumerate() {
            let plus = if index == 0 { "" } else { " + " };
            if (weight - 1.0).abs() < f64::EPSILON {
                write!(f, "{plus}{quantity}")?;
            } else {
                write!(f, "{plus}{weight}*{quantity}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Objective {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Objective {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Objective, ObjectiveError};

    #[test]
    fn a_quantity_or_a_weighted_sum_is_an_objective() {
        for (text, printed) in [
            ("serve.cold", "serve.cold"),
            ("0.7*serve.cold+0.3*pull.cold", "0.7*serve.cold + 0.3*pull.cold"),
            (" 2 * build.warm + serve.cold ", "2*build.warm + serve.cold"),
            ("size.compressed", "size.compressed"),
        ] {
            let objective: Objective = text.parse().unwrap();
            assert_eq!(objective.to_string(), printed);
            assert_eq!(printed.parse(), Ok(objective));
        }
        assert_eq!(Objective::default().to_string(), "serve.cold");
    }

    #[test]
    fn each_way_to_write_one_wrong_says_what_to_write() {
        let say = |text: &str| text.parse::<Objective>().unwrap_err().to_string();
        insta::assert_snapshot!(say(""), @"`` has an empty term; write a quantity, as in `serve.cold`, or a sum, as in `0.7*serve.cold+0.3*pull.cold`");
        insta::assert_snapshot!(say("serve.cold+"), @"`serve.cold+` has an empty term; write a quantity, as in `serve.cold`, or a sum, as in `0.7*serve.cold+0.3*pull.cold`");
        insta::assert_snapshot!(say("0*serve.cold"), @"`0` is no weight; write a number greater than 0, as in `0.7*serve.cold`");
        insta::assert_snapshot!(say("inf*serve.cold"), @"`inf` is no weight; write a number greater than 0, as in `0.7*serve.cold`");
        insta::assert_snapshot!(say("pull.cold+size.compressed"), @"`pull.cold` and `size.compressed` have different units and can't be added; choose quantities of one unit");
        assert!(matches!("cold".parse::<Objective>(), Err(ObjectiveError::Quantity(_))));
    }

    #[test]
    fn an_objective_is_by_region_where_one_of_its_terms_is() {
        let per_region = |text: &str| text.parse::<Objective>().unwrap().per_region();
        assert!(per_region("serve.cold") && per_region("build.warm+pull.cold"));
        assert!(!per_region("build.warm") && !per_region("size.compressed"));
    }
}
