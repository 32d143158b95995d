//! CSV of a page's figures.

use crate::plain;
use crate::report::page::Page;

/// The names of the columns, then a line for each row.
pub(super) fn csv(page: &Page) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&page.figures.columns).expect("writing to memory cannot fail");
    for row in &page.figures.rows {
        writer
            .write_record(row.iter().map(|cell| plain::cell(cell).into_owned()))
            .expect("writing to memory cannot fail");
    }
    let bytes = writer.into_inner().expect("writing to memory cannot fail");
    String::from_utf8(bytes).expect("only strings were written")
}
