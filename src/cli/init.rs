//! `cashfall init`: files to start from, with every key explained.

use std::path::PathBuf;

use super::{LangArg, Outcome, Result, say};
use crate::config::Document;
use crate::deal::keys::File;
use crate::deal::workbook::to_cells;
use crate::finding::Lang;
use crate::report::deal_xlsx;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall init my-deal\n  cashfall init my-deal --xlsx\n  cashfall check my-deal/deal.toml --pool my-tape.xlsx"
)]
pub(super) struct Options {
    /// The folder to write into; it is made when it is not there.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Write the deal as a workbook to fill in, instead of deal.toml.
    #[arg(long)]
    xlsx: bool,
    /// Leave every value of the workbook blank.
    #[arg(long, requires = "xlsx")]
    blank: bool,
}

const FILES: [(&str, &str); 3] = [
    ("deal.toml", include_str!("../../templates/deals/baitiao.toml")),
    ("assumptions.toml", include_str!("../../templates/deals/assumptions.toml")),
    ("mapping.toml", include_str!("../../templates/deals/mapping.toml")),
];

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    std::fs::create_dir_all(&options.dir)?;
    let files = files(options)?;
    if let Some((name, _)) = files.iter().find(|(name, _)| options.dir.join(name).exists()) {
        let path = options.dir.join(name);
        let refused = say(lang, "已存在, 不覆盖", "is there already and is not overwritten");
        return Err(format!("`{}` {refused}", path.display()).into());
    }
    for (name, bytes) in &files {
        let path = options.dir.join(name);
        crate::report::write_whole(&path, bytes)?;
        println!("{}", path.display());
    }
    let name = &files[0].0;
    let deal = options.dir.join(name);
    match lang.messages() {
        Lang::Zh => println!("下一步: 在 {name} 中填写日期、证券与费用, 然后"),
        Lang::En => println!("Next: put your dates, tranches and fees into {name}, then"),
    }
    println!("  cashfall check {} --pool TAPE", deal.display());
    Ok(Outcome::Done)
}

/// The files with their contents, the deal first.
fn files(options: &Options) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files: Vec<(String, Vec<u8>)> =
        FILES.iter().map(|(name, text)| ((*name).to_string(), text.as_bytes().to_vec())).collect();
    if options.xlsx {
        let text = if options.blank { "" } else { FILES[0].1 };
        let template = Document::alone(FILES[0].0, text.to_string().into());
        let tree = template.expect("the template is well formed").tree();
        files[0] = ("deal.xlsx".to_string(), deal_xlsx(&to_cells(File::Deal, &tree))?);
    }
    Ok(files)
}
