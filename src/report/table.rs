//! Tables for a terminal: aligned columns, a rule below the headings, painted cells.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table as Grid, TableStyle};

use super::style::{Ink, Style};

/// Only a rule below the headings.
const RULED: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─').left('─').right('─'));

/// Characters of no width that stand for escapes while the columns are laid out, as escapes would count.
const MARKS: [(char, Ink); 6] = [
    ('\u{2061}', Ink::Strong),
    ('\u{2062}', Ink::Faint),
    ('\u{2063}', Ink::Good),
    ('\u{206a}', Ink::Best),
    ('\u{206b}', Ink::Bad),
    ('\u{206c}', Ink::Warn),
];
const END: char = '\u{2064}';

/// A table of cells, each of one or more lines.
#[derive(Debug, Clone)]
pub(super) struct Table {
    alignments: Vec<CellAlignment>,
    header: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
}

/// The content of a cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell(String);

impl Cell {
    /// A cell of one line.
    pub(super) fn new(text: &str) -> Self {
        Self::default().and(None, text)
    }

    /// A cell of one line in an ink.
    pub(super) fn painted(ink: Ink, text: &str) -> Self {
        Self::default().and(Some(ink), text)
    }

    /// The cell with `text` behind what it holds.
    pub(super) fn and(mut self, ink: Option<Ink>, text: &str) -> Self {
        let mark = MARKS.iter().find(|(_, painted)| Some(*painted) == ink).map(|(mark, _)| *mark);
        let text: String =
            text.chars().filter(|character| !character.is_control() && !is_mark(*character)).collect();
        if text.is_empty() {
            return self;
        }
        self.0.extend(mark);
        self.0.push_str(&text);
        self.0.extend(mark.map(|_| END));
        self
    }

    /// The cell with a line break behind what it holds.
    pub(super) fn break_line(mut self) -> Self {
        self.0.push('\n');
        self
    }
}

impl Table {
    /// A table with these headings; a column whose flag is set holds figures and is aligned to the right.
    pub(super) fn new(columns: Vec<(Cell, bool)>) -> Self {
        let alignment = |figures| if figures { CellAlignment::Right } else { CellAlignment::Left };
        let (header, alignments) =
            columns.into_iter().map(|(cell, figures)| (cell, alignment(figures))).unzip();
        Self { alignments, header, rows: Vec::new() }
    }

    /// Adds a row of as many cells as there are headings.
    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The lines of the table, each with its newline.
    pub(super) fn render(&self, style: Style) -> String {
        let mut grid = Grid::new();
        grid.load_style(RULED).set_content_arrangement(ContentArrangement::Disabled);
        grid.set_header(self.header.iter().map(|cell| cell.0.as_str()));
        for row in &self.rows {
            grid.add_row(row.iter().map(|cell| cell.0.as_str()));
        }
        for (column, alignment) in grid.column_iter_mut().zip(&self.alignments) {
            column.set_cell_alignment(*alignment);
            column.set_padding((1, 0));
        }
        let line = |line: String| match line.trim_end() {
            rule if rule.starts_with('─') => style.paint(Ink::Faint, rule) + "\n",
            line => painted(line, style) + "\n",
        };
        grid.lines().map(line).collect()
    }

    /// The columns that the widest line takes on a terminal.
    pub(super) fn width(&self) -> usize {
        let plain = self.render(Style::new(false));
        plain.lines().map(|line| line.chars().count()).max().unwrap_or(0)
    }
}

fn is_mark(character: char) -> bool {
    character == END || MARKS.iter().any(|(mark, _)| *mark == character)
}

/// The line with its marks turned into escapes.
fn painted(line: &str, style: Style) -> String {
    let mut text = String::with_capacity(line.len());
    let mut end = String::new();
    for character in line.chars() {
        if let Some((_, ink)) = MARKS.iter().find(|(mark, _)| *mark == character) {
            let (start, stop) = style.escapes(*ink);
            text.push_str(&start);
            end = stop;
        } else if character == END {
            text.push_str(&end);
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Cell, Table};
    use crate::report::style::{Ink, Style};

    fn table() -> Table {
        let mut table = Table::new(vec![(Cell::new("variant"), false), (Cell::new("far"), true)]);
        let cell = Cell::painted(Ink::Strong, "1.23 s").break_line().and(Some(Ink::Faint), "[1.20, 1.27]");
        table.row(vec![Cell::painted(Ink::Best, "safe"), cell]);
        table.row(vec![Cell::new("a\u{1b}[31mb\u{2061}"), Cell::new("9.00 s")]);
        table
    }

    #[test]
    fn columns_align_and_hold_no_escape_of_their_contents() {
        insta::assert_snapshot!(table().render(Style::new(false)), @r"
          variant           far
        ────────────────────────
          safe           1.23 s
                   [1.20, 1.27]
          a[31mb         9.00 s
        ");
    }

    #[test]
    fn paint_takes_no_room() {
        let painted = table().render(Style::new(true));
        let plain = anstyle_free(&painted);
        assert_eq!(plain, table().render(Style::new(false)));
        assert!(painted.contains("\u{1b}[1m1.23 s\u{1b}[0m"), "{painted:?}");
    }

    fn anstyle_free(text: &str) -> String {
        regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(text, "").into_owned()
    }
}
