//! The configuration of the real binary.

use std::process::{Command, Output};

fn serve(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command.arg("serve").args(arguments).envs(variables.iter().copied()).env_remove("RUST_LOG").output().unwrap()
}

#[test]
fn a_wrong_configuration_ends_with_64_and_says_all_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dateline.toml");
    std::fs::write(&file, "[work]\nqueues = 7\n").unwrap();
    let output = serve(&["--config", file.to_str().unwrap(), "--listen", "50051"], &[("DATELINE_LIMITS_BODY", "big")]);
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    for part in ["dateline.toml:2", "did you mean `work.queue`?", "DATELINE_LIMITS_BODY", "--listen: listen: `50051`"] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
}

#[test]
fn a_configuration_can_be_checked_and_what_is_printed_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dateline.toml");
    let output = serve(&["--check-config", "--queue", "7", "--skip-tests", "--drain=0s"], &[]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    for line in ["work.queue = \"7\"", "rules.skip-tests = \"true\"", "life.drain = \"0s\""] {
        assert!(said.lines().any(|said| said == line), "no `{line}` in {said}");
    }
    std::fs::write(&file, &said).unwrap();
    let again = serve(&["--check-config"], &[("DATELINE_CONFIG", file.to_str().unwrap())]);
    assert_eq!(String::from_utf8(again.stdout).unwrap(), said);
}
