//! The room `region`.
