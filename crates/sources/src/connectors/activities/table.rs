//! The CSV form. Rows are taken apart here and not by the CSV reader, so that one quote that is never closed takes its
//! own line along and not the rest of the file.

use std::collections::VecDeque;
use std::io::BufRead;

use super::row::{MOST, Row, normal};
use crate::contract::Unreadable;
use crate::lines::Lines;

/// A row longer than this has a quote that is never closed.
const LARGEST: usize = 1 << 20;
/// A header longer than this is none; it goes along with every row.
const HEADER: usize = 64 * 1024;
/// A broken row of more lines than this is set aside as a whole: trying its lines one by one could take for ever.
const RETRIED: usize = 100;

/// Columns and delimiter of a header line.
pub(super) fn columns(line: &[u8]) -> Option<(Vec<String>, u8)> {
    let text = decoded(line);
    let text = text.trim_start_matches('\u{feff}').trim_end();
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|d| text.bytes().filter(|b| b == d).count())?;
    let cells = cells(text.as_bytes(), delimiter)?;
    let columns: Vec<String> = cells.iter().map(|name| normal(name)).collect();
    (columns.len() > 1).then_some((columns, delimiter))
}

/// UTF-8, or else what older spreadsheets write.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// The cells of one line.
fn cells(line: &[u8], delimiter: u8) -> Option<Vec<String>> {
    let mut cells = Cells::default();
    cells.line(line, delimiter);
    cells.closed()
}

/// A row that is being taken apart, line by line. A quote opens a cell only where the cell begins: elsewhere it is a
/// quote, as in `a 5" disk`.
#[derive(Default)]
struct Cells {
    done: Vec<String>,
    cell: Vec<u8>,
    within: Within,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Start,
    Bare,
    Quoted,
    /// Behind a quote inside of a quoted cell: its end, or the first of two.
    Quote,
}

impl Cells {
    fn line(&mut self, line: &[u8], delimiter: u8) {
        if self.within == Within::Quoted {
            self.cell.push(b'\n');
        }
        for &byte in line {
            self.within = match (self.within, byte) {
                (Within::Start, b'"') => Within::Quoted,
                (Within::Quoted, b'"') => Within::Quote,
                (Within::Start | Within::Bare | Within::Quote, byte) if byte == delimiter => {
                    self.end();
                    Within::Start
                }
                (within, byte) => {
                    self.cell.push(byte);
                    if matches!(within, Within::Quoted) || (within == Within::Quote && byte == b'"') {
                        Within::Quoted
                    } else {
                        Within::Bare
                    }
                }
            };
        }
        if !self.open() {
            self.end();
            self.within = Within::Start;
        }
    }

    fn end(&mut self) {
        self.done.push(decoded(&std::mem::take(&mut self.cell)));
    }

    /// Whether the row goes on in the next line.
    fn open(&self) -> bool {
        self.within == Within::Quoted
    }

    fn closed(self) -> Option<Vec<String>> {
        (!self.open()).then_some(self.done)
    }
}

/// What takes a row: the row or why it is none, its place, and its bytes with the header before them, so that they can
/// be read by themselves.
pub(super) type Take<'t> = dyn FnMut(Result<Row, String>, String, &[u8]) -> Result<(), Unreadable> + 't;

/// Takes the table apart.
pub(super) fn rows(body: &mut dyn BufRead, take: &mut Take<'_>) -> Result<(), Unreadable> {
    let mut lines = Lines::new(body);
    let Some(header) = lines.next()?.map(<[u8]>::to_vec) else { return Ok(()) };
    let sized = |(columns, _): &(Vec<String>, u8)| columns.len() <= MOST && header.len() <= HEADER;
    let Some((columns, delimiter)) = columns(&header).filter(sized) else {
        return Err(Unreadable::Shape {
            at: "line 1".to_owned(),
            why: "a header with columns was expected".to_owned(),
        });
    };
    let cells = Cells::default();
    let mut table = Table { header, columns, delimiter, open: Vec::new(), cells, bytes: 0 };
    let mut again: VecDeque<Line> = VecDeque::new();
    loop {
        let next = match again.pop_front() {
            Some(line) => Some(line),
            None => lines.next_or_blank()?.map(<[u8]>::to_vec).map(|line| (line, lines.at())),
        };
        // What comes back is to be looked at anew, without the line that spoiled it.
        let back = match next {
            Some(line) => table.line(line, take)?,
            None if table.open.is_empty() => return Ok(()),
            None => table.give_up("a quote is not closed", take)?,
        };
        for line in back.into_iter().rev() {
            again.push_front(line);
        }
    }
}

/// A line and its place.
type Line = (Vec<u8>, String);

struct Table {
    header: Vec<u8>,
    columns: Vec<String>,
    delimiter: u8,
    /// Lines of a row whose quotes are still open.
    open: Vec<Line>,
    cells: Cells,
    bytes: usize,
}

impl Table {
    /// Adds a line; hands out the row that it completes.
    fn line(&mut self, line: Line, take: &mut Take<'_>) -> Result<Vec<Line>, Unreadable> {
        if self.open.is_empty() && line.0.trim_ascii().is_empty() {
            return Ok(Vec::new());
        }
        self.cells.line(&line.0, self.delimiter);
        self.bytes += line.0.len();
        self.open.push(line);
        if !self.cells.open() {
            return self.row(take);
        }
        if self.bytes > LARGEST { self.give_up("a quote is not closed", take) } else { Ok(Vec::new()) }
    }

    fn row(&mut self, take: &mut Take<'_>) -> Result<Vec<Line>, Unreadable> {
        let row = self.open.iter().map(|(line, _)| line.as_slice()).collect::<Vec<_>>().join(&b'\n');
        let wanted = self.columns.len();
        let cells = std::mem::take(&mut self.cells).done;
        // Spreadsheets add empty cells at the end of some rows.
        if cells.len() >= wanted && cells[wanted..].iter().all(String::is_empty) {
            let raw = [self.header.as_slice(), &row].join(&b'\n');
            let at = self.open.first().map(|(_, at)| at.clone()).unwrap_or_default();
            self.close();
            take(Ok(Row::from_cells(&self.columns, cells.into_iter())), at, &raw)?;
            return Ok(Vec::new());
        }
        self.give_up(&format!("{} cells where {wanted} columns were expected", cells.len()), take)
    }

    /// Sets aside the first open line; the others may be rows by themselves. Very many are set aside together.
    fn give_up(&mut self, why: &str, take: &mut Take<'_>) -> Result<Vec<Line>, Unreadable> {
        let mut lines = self.close();
        let others = if lines.len() <= RETRIED { lines.split_off(lines.len().min(1)) } else { Vec::new() };
        let at = lines.first().map(|(_, at)| at.clone()).unwrap_or_default();
        let bad = lines.iter().map(|(line, _)| line.as_slice()).collect::<Vec<_>>().join(&b'\n');
        take(Err(why.to_owned()), at, &[self.header.as_slice(), &bad].join(&b'\n'))?;
        Ok(others)
    }

    fn close(&mut self) -> Vec<Line> {
        (self.cells, self.bytes) = (Cells::default(), 0);
        std::mem::take(&mut self.open)
    }
}
