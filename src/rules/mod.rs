//! Rule packs: read, checked, compiled, tested, watched.

pub mod pattern;
pub mod syntax;
