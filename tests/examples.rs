//! The commands that the reference shows on files of the repository run as they are written.

use std::path::Path;
use std::process::Command;

/// Commands of a page that name fixtures, with those they need before them.
fn commands(page: &str) -> Vec<Vec<String>> {
    let mut shown = Vec::new();
    for block in page.split("```text\n").skip(1) {
        let block = block.split("```").next().expect("a block ends");
        if block.contains("fixtures/") {
            let lines = block.lines().filter_map(|line| line.strip_prefix("cashfall "));
            shown.extend(lines.map(|line| line.split(' ').map(str::to_string).collect()));
        }
    }
    shown
}

#[test]
fn examples_on_fixtures_run_as_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::temp_dir().join(format!("cashfall-examples-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut run = 0;
    for page in ["limit_cut", "stress"] {
        let file = root.join(format!("docs/reference/{page}.md"));
        for command in commands(&std::fs::read_to_string(file).expect("a page")) {
            let fixtures = root.join("fixtures/");
            let fixtures = fixtures.to_str().expect("a path");
            let args = command.iter().map(|arg| arg.replace("fixtures/", fixtures));
            let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
                .args(args)
                .current_dir(&folder)
                .output()
                .expect("the program runs");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {said}", command.join(" "));
            run += 1;
        }
    }
    assert_eq!(run, 3, "commands of the pages");
    std::fs::remove_dir_all(&folder).expect("written");
}
