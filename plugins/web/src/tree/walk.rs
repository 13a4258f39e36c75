//! The way through a tree, without recursion.

use super::{Id, Tree};

/// A step of the way: every node is entered and left once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Enter(Id),
    Leave(Id),
}

/// The way through a node and everything below it, in the order of the page.
#[derive(Debug)]
pub(crate) struct Walk<'t> {
    tree: &'t Tree,
    start: Id,
    next: Option<Step>,
    /// The node that was entered last.
    last: Option<Id>,
}

impl<'t> Walk<'t> {
    pub(super) fn new(tree: &'t Tree, start: Id) -> Self {
        Self { tree, start, next: Some(Step::Enter(start)), last: None }
    }

    /// Leaves out what is below the node that was entered last.
    pub(crate) fn leave_out(&mut self) {
        self.next = self.last.map(Step::Leave);
    }

    fn after(&self, step: Step) -> Option<Step> {
        match step {
            Step::Enter(id) => match self.tree.node(id).first {
                Some(child) => Some(Step::Enter(child)),
                None => Some(Step::Leave(id)),
            },
            Step::Leave(id) if id == self.start => None,
            Step::Leave(id) => {
                let node = self.tree.node(id);
                node.next.map(Step::Enter).or(node.parent.map(Step::Leave))
            }
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let step = self.next?;
        self.next = self.after(step);
        if let Step::Enter(id) = step {
            self.last = Some(id);
        }
        Some(step)
    }
}
