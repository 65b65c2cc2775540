//! The worst input for each parser, in real processes with little memory: none is ended by it.

use std::process::{Command, Stdio};

use crate::support::{Program, csv};

/// Kilobytes of address space.
const SMALL: &str = "524288";

/// Runs a command with little memory; returns its exit status, and what it says to people.
fn in_little_room(program: &Program, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new("sh");
    let own = program.command(arguments);
    command.args(["-c", &format!("ulimit -v {SMALL}; exec \"$@\""), "sh"]);
    command.arg(own.get_program()).args(own.get_args()).current_dir(own.get_current_dir().unwrap());
    command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap_or_else(|| panic!("ended by a signal: {said}")), said)
}

/// A file packed by gzip: `before`, then `word` until there are `megabytes`, then `after`.
fn packed(program: &Program, name: &str, (before, word, after): (&str, &str, &str), megabytes: usize) -> String {
    let path = program.path(name);
    let script = format!(
        "{{ printf %s \"$1\"; yes \"$2\" | tr -d '\\n' | head -c {megabytes}M; printf %s \"$3\"; }} | gzip -1n > \"$4\""
    );
    let packing = Command::new("sh").args(["-c", &script, "sh", before, word, after]).arg(&path).status();
    assert!(packing.unwrap().success());
    path.display().to_string()
}

#[test]
fn a_file_whose_one_item_has_no_end_fills_no_memory_whichever_reader_reads_it() {
    let program = Program::new();
    program.ok(&["migrate"]);
    let xml = ("<cdr><conference><name>", "x", "</name></conference></cdr>");
    for (reader, name, parts) in [
        ("asterisk-cel", "a.csv", ("\"BRIDGE_ENTER", "x", "")),
        ("freepbx", "b.csv", ("\"", "x", "")),
        ("teams-pstn", "c.csv", ("", "x,", "")),
        ("freeswitch-conference", "0f2f7f7a-3a1d-4c39-b7c5-2d1f6a0e9b10.cdr.xml", xml),
        ("freeswitch-cdr-xml", "d.xml", ("<cdr><variables ", "a='b' ", "/></cdr>")),
        ("freeswitch-cdr-xml", "e.xml", ("<cdr>", "<a>b</a>", "</cdr>")),
        ("freeswitch-cdr-json", "f.json", ("{\"variables\":\"", "x", "\"}")),
        ("twilio", "g.json", ("{\"participants\":[{", "\"a\":1,", "\"b\":1}]}")),
        ("pexip", "h.json", ("", "[", "")),
    ] {
        let file = packed(&program, name, parts, 300);
        let (status, said) = in_little_room(&program, &["import", "convert", "--reader", reader, &file]);
        assert_eq!(status, 1, "{reader}: {said}");
        assert!(!said.contains("panicked") && said.len() < 2000, "{reader}: {said}");
    }
}

#[test]
fn a_file_of_the_contract_s_own_form_that_has_no_end_fills_no_memory() {
    let program = Program::new();
    program.import_sample();
    let header = csv!(usage);
    for (name, parts) in
        [("header.csv", ("leg_id,", "x", "")), ("row.csv", (header, "x", "")), ("quote.csv", (header, "\"a,", ""))]
    {
        let file = packed(&program, name, parts, 300);
        let (status, said) = in_little_room(&program, &["import", "usage", &file]);
        assert!([1, 3].contains(&status), "{name}: {status} {said}");
        assert!(!said.contains("panicked"), "{name}: {said}");
    }
}

#[test]
fn a_configuration_that_has_no_end_fills_no_memory() {
    let program = Program::new();
    program.ok(&["migrate"]);
    for text in ["a=[", "a.", "a={"] {
        program.write("worst.toml", text.repeat((2 * 1024 * 1024 - 1) / text.len()));
        let (status, said) = in_little_room(&program, &["--config", "worst.toml", "status"]);
        assert_eq!(status, 2, "{text:?}: {}", said.chars().take(500).collect::<String>());
    }
}
