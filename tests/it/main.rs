//! The program as its users run it: the real binary, real files, real servers.

mod import;
