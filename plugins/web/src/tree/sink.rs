//! The tree while it is built: what html5ever asks for.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, QualName};

use super::{DEEPEST, Data, Id, MOST_NODES, Node, Tree};

/// A tree that grows.
pub(super) struct Sink {
    nodes: RefCell<Vec<Node>>,
    /// Whether a limit is reached.
    is_full: Cell<bool>,
}

impl Sink {
    pub(super) fn new() -> Self {
        let root = Node::new(Data::Other);
        Self { nodes: RefCell::new(vec![root]), is_full: Cell::new(false) }
    }

    /// Tells whether the tree takes no more.
    pub(super) fn is_full(&self) -> bool {
        self.is_full.get()
    }

    pub(super) fn into_tree(self) -> Tree {
        Tree { nodes: self.nodes.into_inner(), is_cut: self.is_full.get() }
    }

    fn add(&self, data: Data) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        let id = Id(u32::try_from(nodes.len()).expect("fewer nodes than bytes of a page"));
        nodes.push(Node::new(data));
        if nodes.len() >= MOST_NODES {
            self.is_full.set(true);
        }
        id
    }

    /// Puts a node below another, before `before` or at the end.
    fn insert(&self, parent: Id, before: Option<Id>, child: NodeOrText<Id>) {
        let previous = self.with(|nodes| match before {
            Some(before) => at(nodes, before).previous,
            None => at(nodes, parent).last,
        });
        let child = match child {
            NodeOrText::AppendNode(id) => id,
            NodeOrText::AppendText(text) => match self.join(previous, &text) {
                true => return,
                false => self.add(Data::Text(text)),
            },
        };
        self.detach(child);
        self.with(|nodes| link(nodes, child, parent, previous, before));
        if self.with(|nodes| at(nodes, child).depth) >= DEEPEST {
            self.is_full.set(true);
        }
    }

    /// Adds a text to the node before it, if that is a text.
    fn join(&self, previous: Option<Id>, more: &StrTendril) -> bool {
        self.with(|nodes| match previous.map(|id| &mut at_mut(nodes, id).data) {
            Some(Data::Text(text)) => {
                text.push_tendril(more);
                true
            }
            _ => false,
        })
    }

    fn detach(&self, id: Id) {
        self.with(|nodes| {
            let node = at_mut(nodes, id);
            let (parent, previous, next) = (node.parent.take(), node.previous.take(), node.next.take());
            match previous {
                Some(previous) => at_mut(nodes, previous).next = next,
                None => parent.into_iter().for_each(|parent| at_mut(nodes, parent).first = next),
            }
            match next {
                Some(next) => at_mut(nodes, next).previous = previous,
                None => parent.into_iter().for_each(|parent| at_mut(nodes, parent).last = previous),
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<Node>) -> T) -> T {
        act(&mut self.nodes.borrow_mut())
    }
}

impl Node {
    fn new(data: Data) -> Self {
        Self { data, depth: 0, parent: None, previous: None, next: None, first: None, last: None }
    }
}

fn at(nodes: &[Node], id: Id) -> &Node {
    &nodes[id.0 as usize]
}

fn at_mut(nodes: &mut [Node], id: Id) -> &mut Node {
    &mut nodes[id.0 as usize]
}

/// Sets the links of a node that has none.
fn link(nodes: &mut [Node], child: Id, parent: Id, previous: Option<Id>, next: Option<Id>) {
    let depth = at(nodes, parent).depth.saturating_add(1);
    let node = at_mut(nodes, child);
    (node.parent, node.previous, node.next, node.depth) = (Some(parent), previous, next, depth);
    match previous {
        Some(previous) => at_mut(nodes, previous).next = Some(child),
        None => at_mut(nodes, parent).first = Some(child),
    }
    match next {
        Some(next) => at_mut(nodes, next).previous = Some(child),
        None => at_mut(nodes, parent).last = Some(child),
    }
}

fn pairs(attributes: Vec<Attribute>) -> impl Iterator<Item = (QualName, StrTendril)> {
    attributes.into_iter().map(|attribute| (attribute.name, attribute.value))
}

impl TreeSink for Sink {
    type Handle = Id;
    type Output = Self;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        Tree::ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a Id) -> Ref<'a, QualName> {
        Ref::map(self.nodes.borrow(), |nodes| match &at(nodes, *target).data {
            Data::Element { name, .. } => name,
            Data::Text(_) | Data::Other => unreachable!("html5ever asks for the names of elements alone"),
        })
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _flags: ElementFlags) -> Id {
        self.add(Data::Element { name, attributes: pairs(attributes).collect() })
    }

    fn create_comment(&self, _text: StrTendril) -> Id {
        self.add(Data::Other)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Id {
        self.add(Data::Other)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        self.insert(*parent, None, child);
    }

    fn append_based_on_parent_node(&self, element: &Id, previous: &Id, child: NodeOrText<Id>) {
        match self.with(|nodes| at(nodes, *element).parent) {
            Some(parent) => self.insert(parent, Some(*element), child),
            None => self.insert(*previous, None, child),
        }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    /// What is in a template is below it, where nobody looks.
    fn get_template_contents(&self, target: &Id) -> Id {
        *target
    }

    fn same_node(&self, one: &Id, other: &Id) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Id, child: NodeOrText<Id>) {
        if let Some(parent) = self.with(|nodes| at(nodes, *sibling).parent) {
            self.insert(parent, Some(*sibling), child);
        }
    }

    fn add_attrs_if_missing(&self, target: &Id, more: Vec<Attribute>) {
        self.with(|nodes| {
            let Data::Element { attributes, .. } = &mut at_mut(nodes, *target).data else { return };
            for (name, value) in pairs(more) {
                if attributes.iter().all(|(other, _)| *other != name) {
                    attributes.push((name, value));
                }
            }
        });
    }

    fn remove_from_parent(&self, target: &Id) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &Id, new_parent: &Id) {
        while let Some(child) = self.with(|nodes| at(nodes, *node).first) {
            self.insert(*new_parent, None, NodeOrText::AppendNode(child));
        }
    }
}
