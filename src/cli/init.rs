//! `cashfall init`: files to start from, with every key explained.

use std::path::{Path, PathBuf};

use super::{LangArg, Outcome, Result, say};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall init my-deal\n  cashfall check my-deal/deal.toml --pool my-tape.xlsx"
)]
pub(super) struct Options {
    /// The folder to write into; it is made when it is not there.
    #[arg(default_value = ".")]
    dir: PathBuf,
}

const FILES: [(&str, &str); 3] = [
    ("deal.toml", include_str!("../../templates/deals/baitiao.toml")),
    ("assumptions.toml", include_str!("../../templates/deals/assumptions.toml")),
    ("mapping.toml", include_str!("../../templates/deals/mapping.toml")),
];

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    std::fs::create_dir_all(&options.dir)?;
    if let Some((name, _)) = FILES.iter().find(|(name, _)| options.dir.join(name).exists()) {
        let path = options.dir.join(name);
        let refused = say(lang, "已存在, 不覆盖", "is there already and is not overwritten");
        return Err(format!("`{}` {refused}", path.display()).into());
    }
    for (name, text) in FILES {
        write(&options.dir.join(name), text)?;
    }
    println!(
        "{}",
        say(
            lang,
            "下一步: 在 deal.toml 中填写日期、证券与费用, 然后",
            "Next: put your dates, tranches and fees into deal.toml, then",
        )
    );
    println!("  cashfall check {} --pool TAPE", options.dir.join("deal.toml").display());
    Ok(Outcome::Done)
}

fn write(path: &Path, text: &str) -> Result<()> {
    crate::report::write_whole(path, text.as_bytes())?;
    println!("{}", path.display());
    Ok(())
}
