//! Where time goes: for every (operation or source, activity) how many are in it now and the integral of that number.
//!
//! By Little's law the integral over a window is the time spent there, work in progress included; no request needs to
//! end first. Integrals are whole nanoseconds: exact, and independent of the order of events.

use crate::engine::Activity;
use crate::model::{LinkId, OperationId, SourceId};
use crate::units::Time;

/// Those in one activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell {
    now_in: i64,
    /// Σ leave times − Σ entry times; with `now_in * t` added it is the integral up to t.
    sum: i128,
    entered: u64,
}

/// What is done: by an operation, or by the clients of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doer {
    /// Executions of an operation.
    Operation(OperationId),
    /// Clients of a source.
    Client(SourceId),
}

/// Cells of one doer, by activity.
type Row = Vec<(Activity, Cell)>;

/// All cells. Cloning it takes a snapshot; the difference of two is a window.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    operations: Vec<Row>,
    clients: Vec<Row>,
}

impl Flow {
    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        let rows = self.operations.iter().chain(&self.clients);
        rows.map(|row| size_of::<Row>() + row.len() * size_of::<(Activity, Cell)>()).sum()
    }

    /// One entered `activity` at `now`.
    #[inline]
    pub fn enter(&mut self, doer: Doer, activity: Activity, now: Time) {
        let cell = self.cell(doer, activity);
        cell.now_in += 1;
        cell.sum -= i128::from(now.0);
        cell.entered += 1;
    }

    /// One left `activity` at `now`.
    #[inline]
    pub fn leave(&mut self, doer: Doer, activity: Activity, now: Time) {
        let cell = self.cell(doer, activity);
        cell.now_in -= 1;
        cell.sum += i128::from(now.0);
    }

    /// Seconds spent in `activity` up to `now` by all of them together.
    pub fn seconds(&self, doer: Doer, activity: Activity, now: Time) -> f64 {
        self.find(doer, activity).map_or(0.0, |c| (c.sum + i128::from(c.now_in) * i128::from(now.0)) as f64 / 1e9)
    }

    /// How often `activity` was entered.
    pub fn entered(&self, doer: Doer, activity: Activity) -> u64 {
        self.find(doer, activity).map_or(0, |c| c.entered)
    }

    /// Activities a doer was ever in, in the order of their first time.
    pub fn activities(&self, doer: Doer) -> impl Iterator<Item = Activity> + '_ {
        self.row(doer).into_iter().flatten().map(|c| c.0)
    }

    /// Seconds the calls of every doer spent over `link` up to `now`.
    pub fn call_seconds(&self, link: LinkId, now: Time) -> f64 {
        let rows = self.operations.iter().chain(&self.clients);
        let cells = rows.flatten().filter(|c| c.0 == Activity::Call(link));
        cells.map(|(_, c)| (c.sum + i128::from(c.now_in) * i128::from(now.0)) as f64 / 1e9).sum()
    }

    /// How many calls of every doer left over `link`.
    pub fn calls(&self, link: LinkId) -> u64 {
        let rows = self.operations.iter().chain(&self.clients);
        rows.flatten().filter(|c| c.0 == Activity::Call(link)).map(|c| c.1.entered).sum()
    }

    fn row(&self, doer: Doer) -> Option<&Row> {
        match doer {
            Doer::Operation(id) => self.operations.get(id.index()),
            Doer::Client(id) => self.clients.get(id.index()),
        }
    }

    fn find(&self, doer: Doer, activity: Activity) -> Option<&Cell> {
        self.row(doer)?.iter().find(|c| c.0 == activity).map(|c| &c.1)
    }

    #[inline]
    fn cell(&mut self, doer: Doer, activity: Activity) -> &mut Cell {
        let row = match doer {
            Doer::Operation(id) => row_of(&mut self.operations, id.index()),
            Doer::Client(id) => row_of(&mut self.clients, id.index()),
        };
        let place = row.iter().position(|c| c.0 == activity).unwrap_or_else(|| {
            row.push((activity, Cell::default()));
            row.len() - 1
        });
        &mut row[place].1
    }
}

#[inline]
fn row_of(rows: &mut Vec<Row>, index: usize) -> &mut Row {
    if index >= rows.len() {
        rows.resize(index + 1, Row::new());
    }
    &mut rows[index]
}

#[cfg(test)]
mod tests {
    use super::*;

    const OP: Doer = Doer::Operation(OperationId::new(2));

    #[test]
    fn work_in_progress_counts_up_to_now() {
        let mut f = Flow::default();
        f.enter(OP, Activity::Cpu, Time(-1_000_000_000));
        f.enter(OP, Activity::Cpu, Time(1_000_000_000));
        f.leave(OP, Activity::Cpu, Time(2_000_000_000));
        assert_eq!(f.seconds(OP, Activity::Cpu, Time(4_000_000_000)), 6.0);
        assert_eq!(f.seconds(OP, Activity::Delay, Time(4_000_000_000)), 0.0);
    }

    #[test]
    fn a_window_is_the_difference_of_two_snapshots() {
        let mut f = Flow::default();
        let link = Activity::Call(LinkId::new(0));
        f.enter(OP, link, Time(0));
        let before = f.clone();
        f.enter(OP, link, Time(3_000_000_000));
        let window = f.seconds(OP, link, Time(5_000_000_000)) - before.seconds(OP, link, Time(1_000_000_000));
        assert_eq!(window, 4.0 + 2.0);
        assert_eq!(f.call_seconds(LinkId::new(0), Time(5_000_000_000)), 7.0);
    }
}
