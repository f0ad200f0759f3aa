//! What can be tested about style: the direction of dependencies, the doors to other libraries, dead
//! files, leftovers, and links of the documentation. The tables stand in `docs/architecture.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A source file with its path from `src/`.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The module of the first level: `tape` for `tape/cell.rs` and `money` for `money.rs`.
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or("");
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Lines of code with their numbers: no comments, no tests below.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
        lines.zip(1..).map(|(line, number)| (number, line)).filter(|(_, line)| !is_comment(line))
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ends: &str, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, ends, found);
        } else if path.to_string_lossy().ends_with(ends) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    files(&root().join("src"), ".rs", &mut paths);
    let source = |path: &PathBuf| Source {
        path: from_root(path).trim_start_matches("src/").to_string(),
        text: std::fs::read_to_string(path).expect("a source file is text"),
    };
    paths.iter().map(source).collect()
}

fn from_root(path: &Path) -> String {
    let path = path.strip_prefix(root()).expect("below the root");
    path.to_string_lossy().replace('\\', "/")
}

/// The rows of the table below a heading of `docs/architecture.md`: the names in backticks by cell.
fn table(heading: &str) -> Vec<Vec<Vec<String>>> {
    let text = std::fs::read_to_string(root().join("docs/architecture.md")).expect("the page");
    let below = text.lines().skip_while(|line| line.trim_start_matches('#').trim() != heading);
    let rows = below.skip(1).take_while(|line| !line.starts_with('#'));
    let rows = rows.filter(|line| line.starts_with("| `"));
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_string).collect();
    let rows: Vec<Vec<Vec<String>>> =
        rows.map(|row| row.split('|').skip(1).map(names).collect()).collect();
    assert!(!rows.is_empty(), "docs/architecture.md has a table below `{heading}`");
    rows
}

#[test]
fn modules_name_only_what_the_layers_allow() {
    let exceptions =
        table("Exceptions").into_iter().map(|row| (row[0][0].clone(), row[1][0].clone()));
    let exceptions: BTreeSet<(String, String)> = exceptions.collect();
    let mut may: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in table("Layers") {
        let (module, names) = (row[0][0].clone(), row[1].clone());
        for name in &names {
            assert!(may.contains_key(name), "`{module}` may name `{name}`, which stands below it");
        }
        may.insert(module, names);
    }
    let mut wrong = Vec::new();
    for source in sources() {
        let module = source.module();
        if module == "lib" || module == "main" {
            continue;
        }
        let allowed = may.get(module).unwrap_or_else(|| panic!("no layer for `{module}`"));
        for (number, line) in source.code() {
            for name in named(line) {
                let excepted = exceptions.contains(&(module.to_string(), name.to_string()));
                if name != module && !allowed.iter().any(|allowed| allowed == name) && !excepted {
                    wrong.push(format!("src/{}:{number}: `{module}` names `{name}`", source.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "against docs/architecture.md:\n{}", wrong.join("\n"));
}

/// The modules that a line names after `crate::`.
fn named(line: &str) -> Vec<&str> {
    let after = line.split("crate::").skip(1);
    after
        .map(|rest| {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            &rest[..end]
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn readers_and_writers_of_files_stay_behind_their_doors() {
    let mut wrong = Vec::new();
    let doors = table("Doors");
    for source in sources() {
        for row in &doors {
            let (library, may) = (&row[0][0], &row[1]);
            let inside =
                may.iter().any(|door| source.path.starts_with(door.trim_start_matches("src/")));
            let uses = |line: &str| {
                line.contains(&format!("use {library}::"))
                    || line.contains(&format!(" {library}::"))
            };
            if !inside && source.code().any(|(_, line)| uses(line)) {
                wrong.push(format!("src/{} uses {library}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "against docs/architecture.md:\n{}", wrong.join("\n"));
}

#[test]
fn no_source_file_is_an_orphan() {
    let sources = sources();
    for source in &sources {
        if ["lib.rs", "main.rs"].contains(&source.path.as_str()) {
            continue;
        }
        let (folder, file) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
        let (folder, name) = match file.strip_suffix(".rs").expect("a source file") {
            "mod" => folder.rsplit_once('/').unwrap_or(("", folder)),
            name => (folder, name),
        };
        let parent = match folder {
            "" => "lib.rs".to_string(),
            folder => format!("{folder}/mod.rs"),
        };
        let declared = sources.iter().filter(|other| other.path == parent).any(|parent| {
            parent.text.lines().any(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                words.ends_with(&["mod", &format!("{name};")])
            })
        });
        assert!(
            declared,
            "src/{} is in no module: `mod {name};` is not in src/{parent}",
            source.path
        );
    }
}

#[test]
fn nothing_unfinished_stands_in_the_source() {
    let banned = ["todo!(", "unimplemented!(", "dbg!(", ".unwrap()", "FIXME", "TODO"];
    let mut found = Vec::new();
    for source in sources() {
        for (number, line) in source.code() {
            for banned in banned.iter().filter(|banned| line.contains(**banned)) {
                found.push(format!("src/{}:{number}: {banned}", source.path));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_module_has_a_name_of_its_own() {
    let empty = ["util", "utils", "helper", "helpers", "common", "manager", "prelude", "misc"];
    for source in sources() {
        let names = source.path.trim_end_matches(".rs").split('/');
        for name in names {
            assert!(!empty.contains(&name), "src/{}: `{name}` says nothing", source.path);
        }
    }
}

#[test]
fn every_source_file_says_what_it_is_for() {
    for source in sources() {
        assert!(source.text.starts_with("//! "), "src/{} begins with its purpose", source.path);
    }
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let mut pages = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    files(&root().join("docs"), ".md", &mut pages);
    let mut broken = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("a page is text");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or("");
            let outside = link.starts_with("http") || target.is_empty();
            let folder = page.parent().expect("a page has a folder");
            if !outside && !folder.join(target).exists() {
                broken.push(format!("{}: {link}", from_root(&page)));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
