//! An ordered map whose copies share what they have in common: a copy costs nothing, and a change to it only the way
//! down to what is changed.
//!
//! What holds at every instruction of a file is kept; were each a map of its own, a file of `ENV` lines would take
//! memory in the square of its length.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The map: a tree that is ordered by its names, and heaped by numbers drawn from the names, which keeps it flat.
pub struct SharedMap<V> {
    root: Link<V>,
}

type Link<V> = Option<Arc<Node<V>>>;

struct Node<V> {
    entry: Arc<(String, V)>,
    weight: u64,
    left: Link<V>,
    right: Link<V>,
}

impl<V> SharedMap<V> {
    /// What `name` stands for.
    pub fn get(&self, name: &str) -> Option<&V> {
        let mut link = self.root.as_ref();
        while let Some(node) = link {
            let (own, value) = node.entry.borrow();
            link = match name.cmp(own) {
                std::cmp::Ordering::Less => node.left.as_ref(),
                std::cmp::Ordering::Equal => return Some(value),
                std::cmp::Ordering::Greater => node.right.as_ref(),
            };
        }
        None
    }

    /// Lets `name` stand for `value`.
    pub fn insert(&mut self, name: String, value: V) {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let weight = hasher.finish();
        let root = self.root.take();
        self.root = Some(inserted(root, Arc::new((name, value)), weight));
    }

    /// All names with what they stand for, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &V)> {
        let mut open = Vec::new();
        let mut link = self.root.as_ref();
        std::iter::from_fn(move || {
            while let Some(node) = link {
                open.push(node);
                link = node.left.as_ref();
            }
            let node = open.pop()?;
            link = node.right.as_ref();
            Some((&node.entry.0, &node.entry.1))
        })
    }
}

fn inserted<V>(link: Link<V>, entry: Arc<(String, V)>, weight: u64) -> Arc<Node<V>> {
    let Some(mut shared) = link else { return Arc::new(Node { entry, weight, left: None, right: None }) };
    let node = Arc::make_mut(&mut shared);
    match entry.0.cmp(&node.entry.0) {
        std::cmp::Ordering::Equal => node.entry = entry,
        std::cmp::Ordering::Less => {
            let mut below = inserted(node.left.take(), entry, weight);
            if below.weight > node.weight {
                node.left = Arc::make_mut(&mut below).right.take();
                Arc::make_mut(&mut below).right = Some(shared);
                return below;
            }
            node.left = Some(below);
        }
        std::cmp::Ordering::Greater => {
            let mut below = inserted(node.right.take(), entry, weight);
            if below.weight > node.weight {
                node.right = Arc::make_mut(&mut below).left.take();
                Arc::make_mut(&mut below).left = Some(shared);
                return below;
            }
            node.right = Some(below);
        }
    }
    shared
}

impl<V> Clone for Node<V> {
    fn clone(&self) -> Self {
        Self {
            entry: Arc::clone(&self.entry),
            weight: self.weight,
            left: self.left.clone(),
            right: self.right.clone(),
        }
    }
}

impl<V> Clone for SharedMap<V> {
    fn clone(&self) -> Self {
        Self { root: self.root.clone() }
    }
}

impl<V> Default for SharedMap<V> {
    fn default() -> Self {
        Self { root: None }
    }
}

impl<V: PartialEq> PartialEq for SharedMap<V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<V: Eq> Eq for SharedMap<V> {}

impl<V: fmt::Debug> fmt::Debug for SharedMap<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<V> FromIterator<(String, V)> for SharedMap<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        for (name, value) in entries {
            map.insert(name, value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::SharedMap;

    proptest! {
        #[test]
        fn it_holds_what_a_map_of_ones_own_holds_and_a_copy_keeps_what_it_had(
            before in proptest::collection::vec(("[a-d]{0,3}", any::<u8>()), 0..60),
            after in proptest::collection::vec(("[a-d]{0,3}", any::<u8>()), 0..60),
        ) {
            let mut own: BTreeMap<String, u8> = before.iter().cloned().collect();
            let mut map: SharedMap<u8> = before.into_iter().collect();
            let (kept, kept_own) = (map.clone(), own.clone());
            for (name, value) in after {
                own.insert(name.clone(), value);
                map.insert(name, value);
            }
            prop_assert!(map.iter().eq(own.iter()));
            prop_assert!(kept.iter().eq(kept_own.iter()));
            for (name, value) in &own {
                prop_assert_eq!(map.get(name), Some(value));
            }
            prop_assert_eq!(map.get("e"), None);
        }
    }

    #[test]
    fn names_in_order_make_no_deep_tree() {
        let map: SharedMap<usize> = (0..100_000).map(|number| (format!("{number:06}"), number)).collect();
        assert_eq!(map.iter().count(), 100_000);
        assert_eq!(map.get("054321"), Some(&54_321));
    }
}
