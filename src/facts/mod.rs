//! The room `facts`.
