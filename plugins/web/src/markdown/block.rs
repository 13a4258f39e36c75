//! Paragraphs and other blocks, one below the other, within lists and quotes.

/// Something that blocks are in.
#[derive(Clone, Debug)]
pub(super) enum Frame {
    Quote,
    /// An item of a list: without an empty line before it if it is tight.
    Item {
        marker: String,
        is_tight: bool,
    },
}

/// The Markdown so far.
#[derive(Debug)]
pub(super) struct Blocks {
    text: String,
    /// The frames that are open, each with whether it has a block.
    frames: Vec<(Frame, bool)>,
    most_bytes: usize,
    is_cut: bool,
}

impl Blocks {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { text: String::new(), frames: Vec::new(), most_bytes, is_cut: false }
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn open(&mut self, frame: Frame) {
        self.frames.push((frame, false));
    }

    pub(super) fn close(&mut self) {
        self.frames.pop();
    }

    /// Notes that something is left out.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Adds a block.
    pub(super) fn add(&mut self, block: &str) {
        let is_tight =
            self.frames.iter().any(|frame| matches!(frame, (Frame::Item { is_tight: true, .. }, false)));
        if !self.text.is_empty() && !is_tight {
            let started = self.frames.iter().take_while(|(_, has_block)| *has_block);
            let prefix: String = started.map(|(frame, _)| further(frame)).collect();
            self.text += prefix.trim_end();
            self.text.push('\n');
        }
        for line in block.split('\n') {
            let prefix: String = self.frames.iter_mut().map(prefix).collect();
            self.text += if line.is_empty() { prefix.trim_end() } else { &prefix };
            self.text += line;
            self.text.push('\n');
            if self.text.len() > self.most_bytes {
                self.is_cut = true;
                return;
            }
        }
    }

    /// Returns the Markdown, and whether something was left out.
    pub(super) fn finish(self) -> (String, bool) {
        (self.text, self.is_cut)
    }
}

/// Returns the start of a line in a frame, which has a block from then on.
fn prefix((frame, has_block): &mut (Frame, bool)) -> String {
    match frame {
        Frame::Item { marker, .. } if !std::mem::replace(has_block, true) => marker.clone(),
        other => {
            *has_block = true;
            further(other)
        }
    }
}

/// Returns the start of a further line in a frame.
fn further(frame: &Frame) -> String {
    match frame {
        Frame::Quote => "> ".to_owned(),
        Frame::Item { marker, .. } => " ".repeat(marker.len()),
    }
}
