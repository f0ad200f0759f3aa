//! The demo as the program writes it, and the deal templates on its pool.

use std::path::{Path, PathBuf};

use cashfall::job::{Job, Request};

use super::recalculate::fresh;

/// The templates with an overlay in `fixtures/cases/templates`.
pub const NAMES: [&str; 6] =
    ["auto_scheduled", "baitiao_2015", "baitiao_abn_2017", "bank_trust", "huabei", "us_auto_oc"];

/// The behaviour of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stress {
    /// As the demo assumes.
    Base,
    /// Defaults that rise to 60 % a year.
    Harsh,
    /// The contract.
    None,
}

impl Stress {
    /// All of them.
    pub const ALL: [Stress; 3] = [Stress::Base, Stress::Harsh, Stress::None];
}

/// The demo in a folder of its own, which goes with it.
pub struct Demo(PathBuf);

impl Demo {
    /// Written by the program.
    pub fn new() -> Demo {
        let folder = fresh("demo");
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_cashfall"))
            .arg("demo")
            .arg(&folder)
            .output()
            .expect("the program starts");
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
        Demo(folder)
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A template on the demo's pool.
    pub fn template(&self, name: &str, stress: Stress) -> Job {
        let deal = super::path("cases/templates").join(format!("{name}.toml"));
        self.deal(&deal, stress)
    }

    /// A template on the demo's pool with changes of its own.
    pub fn changed(&self, name: &str, changes: &str, stress: Stress) -> Job {
        let base = super::path("cases/templates").join(format!("{name}.toml"));
        let file = self.file("changed.toml");
        let text = format!("extends = '{}'\n{changes}", base.display());
        std::fs::write(&file, text).expect("a temporary file");
        self.deal(&file, stress)
    }

    /// A deal file on the demo's pool.
    fn deal(&self, deal: &Path, stress: Stress) -> Job {
        let of_case = |name: &str| super::path("cases/templates/assumptions").join(name);
        let assumptions = match stress {
            Stress::Base => of_case("base.toml"),
            Stress::Harsh => of_case("harsh.toml"),
            Stress::None => of_case("none.toml"),
        };
        let request = Request {
            deal: deal.to_path_buf(),
            tape: Some(self.file("pool.xlsx")),
            assumptions: Some(assumptions),
            threads: 1,
            ..Request::default()
        };
        let opened = Job::open(&request).unwrap_or_else(|error| panic!("{deal:?}: {error}"));
        super::accept(opened).expect("a deal without errors")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The templates on other collateral than the demo's, with what their assumptions become under each
/// stress.
pub const OTHERS: [(&str, &str); 2] = [("credit_lines", LINES), ("npl", DEFAULTED)];

/// `from => to`, by stress.
const LINES: &str = "mdr = \"0.4 %\" => mdr = \"6 %\" | mdr = \"0 %\"";
const DEFAULTED: &str =
    "recovery_rate = \"22 %\" => recovery_rate = \"4 %\" | recovery_rate = \"60 %\"";

/// A template on a tape of its own kind, under the template's own assumptions: worse where the stress
/// is harsh, better where there is none.
pub fn other((name, change): (&str, &str), stress: Stress) -> Job {
    let folder = fresh("template");
    let text = std::fs::read_to_string(
        super::path("..").join(format!("templates/deals/{name}_assumptions.toml")),
    );
    let text = text.expect("the template's assumptions");
    let (from, to) = change.split_once(" => ").expect("a change");
    let (worse, better) = to.split_once(" | ").expect("two");
    assert!(text.contains(from), "{name}");
    let text = match stress {
        Stress::Base => text,
        Stress::Harsh => text.replace(from, worse),
        Stress::None => text.replace(from, better),
    };
    let assumptions = folder.join("assumptions.toml");
    std::fs::write(&assumptions, text).expect("a temporary file");
    let request = Request {
        deal: super::path("cases/templates").join(format!("{name}.toml")),
        assumptions: Some(assumptions),
        threads: 1,
        ..Request::default()
    };
    let opened = Job::open(&request).unwrap_or_else(|error| panic!("{name}: {error}"));
    let job = super::accept(opened).expect("a deal without errors");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    job
}
