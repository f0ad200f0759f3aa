//! A workbook without a file format: sheets of cells with content, kind and ink.

/// A workbook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workbook {
    /// The sheets in order.
    pub sheets: Vec<Sheet>,
    /// Title and other document properties.
    pub title: String,
}

/// A sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// The name on the tab.
    pub name: String,
    /// The cells, in any order.
    pub cells: Vec<Cell>,
    /// Widths of columns, by column.
    pub widths: Vec<(u16, f64)>,
    /// Rows and columns that stay in view.
    pub freeze: (u32, u16),
    /// Rows printed on every page (first, last), if any.
    pub repeat: Option<(u32, u32)>,
    /// Paper in landscape.
    pub landscape: bool,
    /// Columns that belong together under one title, first and last: a page may end before them.
    pub sections: Vec<(u16, u16)>,
    /// Rows that begin a page, beside the first.
    pub page_rows: Vec<u32>,
    /// Charts with the cell they hang on.
    pub charts: Vec<Chart>,
    /// Colour of the tab.
    pub tab: Option<u32>,
    /// Heights of rows that are not the default.
    pub heights: Vec<(u32, f64)>,
    /// Rows that are there and not shown.
    pub hidden: Vec<u32>,
    /// Texts that run over several columns, wrapped: row, first and last column.
    pub wide: Vec<(u32, u16, u16)>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Row from 0.
    pub row: u32,
    /// Column from 0.
    pub column: u16,
    /// What it holds.
    pub content: Content,
    /// How numbers look.
    pub kind: Kind,
    /// Who made it.
    pub ink: Ink,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Text that stays text, whatever it begins with.
    Text(String),
    /// A number.
    Number(f64),
    /// A formula without `=`, and its value.
    Formula(String, f64),
    /// A formula whose value is a text.
    TextFormula(String, String),
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The sheet's title.
    Title,
    /// A line below the title.
    Note,
    /// Running text over several columns, wrapped.
    Paragraph,
    /// A heading over columns that belong together.
    Group,
    /// The title of columns that belong together, wrapped over them.
    Section,
    /// A column heading.
    Header,
    /// Plain text.
    Text,
    /// Plain text behind a figure, with a space between them.
    Beside,
    /// Bold text.
    Strong,
    /// Money: `1,234.56`.
    Money,
    /// Money that should be zero: red otherwise.
    Zero,
    /// A rate of behaviour: 12 decimals are there, 6 are shown, as percent.
    Rate,
    /// A contract rate: percent as printed.
    Percent,
    /// A share: percent with two decimals.
    Share,
    /// A rate of a pool, such as an average: percent with four decimals, all shown.
    PoolRate,
    /// Per 100 of face: six decimals.
    PerHundred,
    /// A whole number.
    Count,
    /// A place in an order: a whole number in the middle of its cell.
    Rank,
    /// A day.
    Date,
    /// Yes or no.
    Flag,
    /// The master check.
    Check,
}

/// Who made a cell: its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ink {
    /// Labels.
    Label,
    /// An input: blue.
    Input,
    /// A formula: black.
    Formula,
    /// The engine or the tape: grey.
    Engine,
    /// A link to another sheet: green.
    Link,
    /// A sum over time: black with a line above.
    Total,
}

/// A chart of columns of one sheet over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The cell it hangs on.
    pub at: (u32, u16),
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// The heading.
    pub title: String,
    /// How the series are drawn.
    pub form: Form,
    /// The series.
    pub series: Vec<Series>,
}

/// How the series of a chart are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Columns on top of each other, over time.
    Stacked,
    /// Lines, over time.
    Lines,
    /// Lines of shares, over ages in months.
    Curves,
    /// Columns side by side, over names.
    Columns,
    /// Bars of one series below each other, each beside its name.
    Bars,
}

/// One series of a chart: names and ranges of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The name in the legend.
    pub name: String,
    /// The sheet.
    pub sheet: String,
    /// The column of the categories.
    pub category: u16,
    /// The column of the values.
    pub column: u16,
    /// First and last row.
    pub rows: (u32, u32),
}

impl Sheet {
    /// Adds a cell.
    pub fn put(&mut self, row: u32, column: u16, content: Content, kind: Kind, ink: Ink) {
        self.cells.push(Cell { row, column, content, kind, ink });
    }

    /// Adds a text that runs over columns and wraps; the row grows with it.
    ///
    /// The height is estimated: a Chinese character is as wide as two Latin ones.
    pub fn paragraph(&mut self, row: u32, (first, last): (u16, u16), text: impl Into<String>) {
        let text = text.into();
        let within = |column: &u16| (first..=last).contains(column);
        let width: f64 =
            self.widths.iter().filter(|(column, _)| within(column)).map(|(_, width)| width).sum();
        let needed: f64 = text.chars().map(|c| if c.is_ascii() { 1.0 } else { 2.0 }).sum();
        let lines = (needed * 1.05 / width.max(1.0)).ceil().max(1.0);
        self.heights.push((row, 12.5 * lines));
        self.wide.push((row, first, last));
        self.text(row, first, text, Kind::Paragraph);
    }

    /// Adds a text.
    pub fn text(&mut self, row: u32, column: u16, text: impl Into<String>, kind: Kind) {
        self.put(row, column, Content::Text(text.into()), kind, Ink::Label);
    }
}

/// `A`, `Z`, `AA`: a column as spreadsheets name it.
pub fn column_name(column: u16) -> String {
    let mut name = String::new();
    let mut rest = u32::from(column) + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).expect("below 26");
        name.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    name
}

/// `D7`: a cell as spreadsheets name it, from row and column counted from 0.
pub fn cell_name(row: u32, column: u16) -> String {
    format!("{}{}", column_name(column), row + 1)
}
