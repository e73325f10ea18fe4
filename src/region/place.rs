//! The regions that a service runs in or fails over to.

use std::time::Duration;

use super::{Bandwidth, Link};

/// A region that is emulated: the local engine behind a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Its name in every output.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// What lies between its engine and the registry.
    pub link: Link,
}

/// What a region is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// It serves now.
    Primary,
    /// It serves when the primary can't.
    Failover,
}

impl Region {
    /// The three regions of a run that names none. Typical figures, not measurements:
    ///
    /// - A round trip in fibre takes 1 ms per 100 km (light at two thirds of its speed in vacuum), and cables and
    ///   routers make it up to twice that. `near` is a registry in the same metropolitan area or the next, `continental` one
    ///   about 2500 km off (one coast to the other of Europe, half of North America), `far` one about
    ///   10 000 km off (Europe to South-East Asia or to the American west coast).
    /// - The rates are what one host is commonly given towards a registry: a gigabit port at home, and less the farther away,
    ///   where the path is shared.
    /// - No loss and no jitter: loss below 0.1 % is better left out than faked.
    pub fn defaults() -> [Self; 3] {
        let region = |name: &str, role, rtt, mbit| Self {
            name: name.to_owned(),
            role,
            link: Link::new(Duration::from_millis(rtt), Bandwidth::from_mbit(mbit)),
        };
        [
            region("near", Role::Primary, 4, 1000),
            region("continental", Role::Failover, 40, 300),
            region("far", Role::Failover, 160, 100),
        ]
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Primary => "primary",
            Self::Failover => "failover",
        })
    }
}
