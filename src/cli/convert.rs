//! `cashfall convert`: a file of keys as a workbook to fill in, and back.

use std::path::{Path, PathBuf};

use super::answer::spare;
use super::{LangArg, Outcome, Result, say, tell};
use crate::config::Block;
use crate::deal::keys::File;
use crate::deal::workbook::{file_of, to_cells, to_cells_over};
use crate::finding::Severity;
use crate::job::{is_workbook, read_keys, read_whole};
use crate::report::{deal_xlsx, write_whole};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall convert deal.toml deal.xlsx\n  cashfall convert deal.xlsx deal.toml\n  cashfall check deal.xlsx"
)]
pub(super) struct Options {
    /// The deal or assumptions file: toml, or a workbook that `convert` or `init --xlsx` wrote.
    from: PathBuf,
    /// The file to write; its name says which of the two it becomes.
    to: PathBuf,
    /// Overwrite the file when it is there already.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    spare(
        [options.from.as_path()],
        &options.to,
        say(lang, "是输入文件, 不能覆盖", "is the file that is read; write elsewhere"),
    )?;
    if options.to.exists() && !options.force {
        let refused =
            say(lang, "已存在; 用 --force 覆盖", "is there already: --force overwrites it");
        return Err(format!("`{}` {refused}", options.to.display()).into());
    }
    let (tree, findings) = read_keys(&options.from)?.into_parts();
    tell(&findings, lang);
    let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
    let Some(tree) = tree.filter(|_| !refused) else { return Ok(Outcome::Findings) };
    if file_of(&tree) == File::Mapping {
        let refused =
            say(lang, "是列映射, 不能转换", "is a mapping: deals and assumptions are converted");
        return Err(format!("`{}` {refused}", options.from.display()).into());
    }
    let bytes = if is_workbook(&options.to) {
        let file = file_of(&tree);
        let form = match read_whole(&options.from, file)?.filter(|_| tree.get("extends").is_some())
        {
            Some(whole) => to_cells_over(file, &tree, &whole),
            None => to_cells(file, &tree),
        };
        deal_xlsx(&form)?
    } else {
        tree.to_source().text().as_bytes().to_vec()
    };
    write_whole(&options.to, &bytes)?;
    told(&options.to, &tree, lang);
    Ok(Outcome::Done)
}

fn told(path: &Path, tree: &Block, lang: LangArg) {
    println!("{}", path.display());
    if file_of(tree) == File::Deal {
        println!("{}", say(lang, "下一步:", "Next:"));
        // Sub-pools name their tapes themselves.
        let tape = if tree.get("subpool").is_some() { "" } else { " --pool TAPE" };
        println!("  cashfall check {}{tape}", path.display());
    }
}
