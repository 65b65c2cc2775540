//! The program; everything is in the library, so that its code is generated once and not again in each test binary.

fn main() -> std::process::ExitCode {
    statementd::run()
}
