//! The room `context`.
