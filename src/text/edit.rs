//! Edits to one file, disjoint and sorted by construction.

use thiserror::Error;

use super::TextRange;

/// One replacement: the bytes of `range` become `text`. An insertion has an empty range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub range: TextRange,
    /// What comes in its place.
    pub text: String,
}

impl Edit {
    /// Replaces `range` by `text`.
    pub fn replace(range: TextRange, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    /// Deletes `range`.
    pub fn delete(range: TextRange) -> Self {
        Self::replace(range, "")
    }

    /// Inserts `text` before the byte at `offset`.
    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Self::replace(TextRange::empty(offset), text)
    }

    /// Two edits conflict when they share a byte, or touch at a point where one inserts: the order of the results
    /// would then be a matter of chance.
    fn conflicts(&self, other: &Self) -> bool {
        let (a, b) = (self.range, other.range);
        a.intersects(b)
            || (a.is_empty() && b.start() <= a.start() && a.start() <= b.end())
            || (b.is_empty() && a.start() <= b.start() && b.start() <= a.end())
    }
}

/// Two edits that can't both be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an edit of bytes {}..{} meets another one at {}..{}", .new.start(), .new.end(), .old.start(), .old.end())]
pub struct Overlap {
    /// The edit that was refused.
    pub new: TextRange,
    /// The one already there.
    pub old: TextRange,
}

/// Edits that never overlap, sorted by their place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditSet {
    edits: Vec<Edit>,
}

impl EditSet {
    /// No edit.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an edit, or says with which one it conflicts and leaves the set as it was.
    pub fn insert(&mut self, edit: Edit) -> Result<(), Overlap> {
        let at = self.place(&edit)?;
        self.edits.insert(at, edit);
        Ok(())
    }

    /// Where the edit comes in, or what it conflicts with. The edits lie in order and apart, so only its neighbours can.
    fn place(&self, edit: &Edit) -> Result<usize, Overlap> {
        let at = self.edits.partition_point(|old| old.range < edit.range);
        let (before, behind) = self.edits.split_at(at);
        let before = before.iter().rev().take_while(|old| old.range.end() >= edit.range.start());
        let behind = behind.iter().take_while(|old| old.range.start() <= edit.range.end());
        match before.chain(behind).find(|old| old.conflicts(edit)) {
            Some(old) => Err(Overlap { new: edit.range, old: old.range }),
            None => Ok(at),
        }
    }

    /// Adds all of `other` or nothing: a fix is applied whole.
    pub fn union(&mut self, other: &Self) -> Result<(), Overlap> {
        for edit in &other.edits {
            self.place(edit)?;
        }
        // Those of the other set don't conflict among themselves.
        other.edits.iter().try_for_each(|edit| self.insert(edit.clone()))
    }

    /// The edits in the order of their places.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// `bytes` after all edits. Ranges past the end are cut to it.
    pub fn apply(&self, bytes: &[u8]) -> Vec<u8> {
        let mut result = Vec::with_capacity(bytes.len());
        let mut done = 0;
        for edit in &self.edits {
            result.extend_from_slice(bytes.get(done..edit.range.start()).unwrap_or_default());
            result.extend_from_slice(edit.text.as_bytes());
            done = edit.range.end();
        }
        result.extend_from_slice(bytes.get(done..).unwrap_or_default());
        result
    }
}

impl TryFrom<Vec<Edit>> for EditSet {
    type Error = Overlap;
    fn try_from(edits: Vec<Edit>) -> Result<Self, Overlap> {
        let mut set = Self::new();
        for edit in edits {
            set.insert(edit)?;
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, EditSet};
    use proptest::prelude::*;

    #[test]
    fn a_conflicting_fix_changes_nothing() {
        let mut set = EditSet::try_from(vec![Edit::replace((2..4).into(), "x")]).unwrap();
        let before = set.clone();
        let fix = EditSet::try_from(vec![Edit::delete((0..1).into()), Edit::insert(3, "y")]).unwrap();
        assert!(set.union(&fix).is_err());
        assert_eq!(set, before);
    }

    #[test]
    fn two_insertions_at_one_place_conflict() {
        let mut set = EditSet::try_from(vec![Edit::insert(3, "a")]).unwrap();
        assert!(set.insert(Edit::insert(3, "b")).is_err());
    }

    proptest! {
        #[test]
        fn applying_in_any_order_of_insertion_gives_one_result(
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
            ranges in proptest::collection::vec((0usize..60, 0usize..60, "[a-z]{0,3}"), 0..8),
        ) {
            let edits: Vec<Edit> = ranges.iter()
                .map(|(a, b, text)| Edit::replace(super::TextRange::new(*a.min(&bytes.len()), *b.min(&bytes.len())), text))
                .collect();
            let mut set = EditSet::new();
            let kept: Vec<Edit> = edits.into_iter().filter(|edit| set.insert(edit.clone()).is_ok()).collect();
            let reversed = EditSet::try_from(kept.iter().rev().cloned().collect::<Vec<_>>()).unwrap();
            prop_assert_eq!(set.apply(&bytes), reversed.apply(&bytes));
            let removed: usize = kept.iter().map(|edit| edit.range.len()).sum();
            let added: usize = kept.iter().map(|edit| edit.text.len()).sum();
            prop_assert_eq!(set.apply(&bytes).len(), bytes.len() - removed + added);
        }
    }
}
