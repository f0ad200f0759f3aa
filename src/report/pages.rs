//! Where a wide sheet breaks into pages.

use std::collections::BTreeMap;

use super::workbook::Sheet;

/// The pages of a sheet across.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pages {
    /// The first column of each page but the first, from 0; nothing when all stands on one page.
    pub(super) breaks: Vec<u32>,
}

/// An A3 page in landscape between its margins, in the pixels of a screen.
const PAPER: f64 = 1_500.0;
/// How many of them a sheet on one page may have: its print is then 45 % of the size on the screen.
const ONE_PAGE: f64 = PAPER / 0.45;

impl Pages {
    /// The size of print on a sheet of several pages, in percent.
    pub(super) const SCALE: u16 = 60;

    /// The size of print, in percent, that puts all columns on one A3 page, also where another font
    /// makes them a fifth wider.
    pub(super) fn scale_of_one(sheet: &Sheet) -> u16 {
        let whole: f64 = columns(sheet).iter().map(|(_, width)| width).sum();
        let fits = |scale: &u16| 1.2 * whole * f64::from(*scale) <= PAPER * 100.0;
        (10..=100).rev().find(fits).unwrap_or(10)
    }

    /// A page holds as many columns as it has room for beside those that are repeated, and ends where
    /// a section does, unless a section alone is wider than a page.
    pub(super) fn of(sheet: &Sheet) -> Pages {
        let repeated = sheet.freeze.1;
        let columns = columns(sheet);
        let whole: f64 = columns.iter().map(|(_, width)| width).sum();
        if whole <= ONE_PAGE || repeated == 0 || sheet.sections.is_empty() {
            return Pages { breaks: Vec::new() };
        }
        let (titles, body) = columns.split_at(columns.partition_point(|(at, _)| *at < repeated));
        let titles: f64 = titles.iter().map(|(_, width)| width).sum();
        let room = PAPER * 100.0 / f64::from(Self::SCALE) - titles;
        let (mut breaks, mut used, mut start) = (Vec::new(), 0.0, 0);
        for (place, (column, width)) in body.iter().enumerate() {
            if used + width > room && place > start {
                let is_section =
                    |at: &usize| sheet.sections.iter().any(|(first, _)| *first == body[*at].0);
                let first = (start + 1..=place).rev().find(is_section).unwrap_or(place);
                breaks.push(u32::from(body[first].0));
                used = body[first..place].iter().map(|(_, width)| width).sum();
                start = first;
            }
            debug_assert!(*column >= repeated);
            used += width;
        }
        Pages { breaks }
    }
}

/// The columns with their widths in pixels, from left to right.
fn columns(sheet: &Sheet) -> Vec<(u16, f64)> {
    let widths: BTreeMap<u16, f64> = sheet.widths.iter().copied().collect();
    widths.into_iter().map(|(column, width)| (column, 7.0 * width + 5.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(count: u16, sections: &[u16]) -> Sheet {
        let widths = (0..count).map(|column| (column, if column < 2 { 10.0 } else { 14.0 }));
        Sheet {
            widths: widths.collect(),
            freeze: (5, 2),
            sections: sections.iter().map(|first| (*first, *first)).collect(),
            ..Sheet::default()
        }
    }

    #[test]
    fn what_can_be_read_stays_on_one_page() {
        assert!(Pages::of(&sheet(30, &[2, 10, 20])).breaks.is_empty());
        // A sheet that does not say where it may break keeps its page.
        assert!(Pages::of(&sheet(90, &[])).breaks.is_empty());
    }

    #[test]
    fn pages_end_with_sections_and_hold_what_they_have_room_for() {
        // 150 pixels of titles leave 2,350, room for 22 columns of 103.
        assert_eq!(Pages::of(&sheet(60, &[2, 12, 20, 40])).breaks, [20_u32, 40]);
        // A section wider than a page is cut where the page ends.
        assert_eq!(Pages::of(&sheet(60, &[2])).breaks, [24_u32, 46]);
    }
}
