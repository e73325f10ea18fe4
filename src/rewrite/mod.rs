//! The room `rewrite`.
