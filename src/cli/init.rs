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
    after_help = "Example:\n  cashfall init my-deal\n  cashfall init my-deal --xlsx\n  cashfall init auto --template us-auto-oc\n  cashfall check my-deal/deal.toml --pool my-tape.xlsx"
)]
pub(super) struct Options {
    /// The folder to write into; it is made when it is not there.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Write the deal as a workbook to fill in, instead of deal.toml.
    #[arg(long)]
    xlsx: bool,
    /// The structure to start from.
    #[arg(long, value_enum, default_value_t = Template::Baitiao)]
    template: Template,
    /// Leave every value of the workbook blank.
    #[arg(long, requires = "xlsx")]
    blank: bool,
}

/// The structures of `templates/deals`.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Template {
    /// Consumer instalments, three tranches, pass-through.
    Baitiao,
    /// 75 / 13 / 12, 12 months revolving, then 12 months amortising.
    #[value(name = "baitiao-2015")]
    Baitiao2015,
    /// 70 / 5 / 25, quarterly interest while it revolves, then monthly.
    #[value(name = "baitiao-abn-2017")]
    BaitiaoAbn2017,
    /// 12 months revolving, yearly interest, bullet principal, a principal account, an undertaking.
    Huabei,
    /// An income and a principal account, one account after acceleration.
    BankTrust,
    /// Auto loans: scheduled A1, pass-through A2, reserve, liquidity facility, call.
    AutoScheduled,
    /// US auto loans: target over-collateralisation, priority principal, reserve, call.
    UsAutoOc,
    /// Credit lines: draws bought from the seller's interest for 12 months, early amortisation events.
    CreditLines,
    /// Non-performing receivables: recoveries every half year, a reserve, a servicer's bonus.
    Npl,
}

impl Template {
    fn text(self) -> &'static str {
        match self {
            Template::Baitiao => include_str!("../../templates/deals/baitiao.toml"),
            Template::Baitiao2015 => include_str!("../../templates/deals/baitiao_2015.toml"),
            Template::BaitiaoAbn2017 => include_str!("../../templates/deals/baitiao_abn_2017.toml"),
            Template::Huabei => include_str!("../../templates/deals/huabei.toml"),
            Template::BankTrust => include_str!("../../templates/deals/bank_trust.toml"),
            Template::AutoScheduled => include_str!("../../templates/deals/auto_scheduled.toml"),
            Template::UsAutoOc => include_str!("../../templates/deals/us_auto_oc.toml"),
            Template::CreditLines => include_str!("../../templates/deals/credit_lines.toml"),
            Template::Npl => include_str!("../../templates/deals/npl.toml"),
        }
    }

    /// The mapping beside it.
    fn mapping(self) -> &'static str {
        match self {
            Template::Npl => include_str!("../../templates/deals/npl_mapping.toml"),
            Template::Baitiao
            | Template::Baitiao2015
            | Template::BaitiaoAbn2017
            | Template::Huabei
            | Template::BankTrust
            | Template::AutoScheduled
            | Template::UsAutoOc
            | Template::CreditLines => include_str!("../../templates/deals/mapping.toml"),
        }
    }

    /// The assumptions beside it: those of a deal that buys say what it buys, those of lines how they
    /// are paid, those of defaults what comes back.
    fn assumptions(self) -> &'static str {
        match self {
            Template::Baitiao2015 | Template::BaitiaoAbn2017 | Template::Huabei => concat!(
                include_str!("../../templates/deals/assumptions.toml"),
                include_str!("../../templates/deals/purchased.toml")
            ),
            Template::CreditLines => {
                include_str!("../../templates/deals/credit_lines_assumptions.toml")
            }
            Template::Npl => include_str!("../../templates/deals/npl_assumptions.toml"),
            Template::Baitiao
            | Template::BankTrust
            | Template::AutoScheduled
            | Template::UsAutoOc => include_str!("../../templates/deals/assumptions.toml"),
        }
    }
}

const DEAL: &str = "deal.toml";

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
    let deal = options.template.text();
    let all = [
        (DEAL, deal),
        ("assumptions.toml", options.template.assumptions()),
        ("mapping.toml", options.template.mapping()),
    ];
    let mut files: Vec<(String, Vec<u8>)> =
        all.into_iter().map(|(name, text)| (name.to_string(), text.into())).collect();
    if options.xlsx {
        let text = if options.blank { "" } else { deal };
        let template = Document::alone(DEAL, text.to_string().into());
        let tree = template.expect("the template is well formed").tree();
        files[0] = ("deal.xlsx".to_string(), deal_xlsx(&to_cells(File::Deal, &tree))?);
    }
    Ok(files)
}
