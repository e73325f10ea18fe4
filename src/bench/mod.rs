//! The room `bench`.
