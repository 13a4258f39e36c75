//! Random types, and random JSON that mostly fits them.

use crate::codec::{Case, Field, Label, Type};

/// A rate at which faults do not happen.
pub(super) const NEVER: usize = 1 << 40;

/// A stream of choices that follows from a seed.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// A type that holds no address anywhere.
    pub(super) fn plain_type(&mut self, depth: usize) -> Type {
        loop {
            let ty = self.ty(depth);
            if !has_address(&ty) {
                return ty;
            }
        }
    }

    pub(super) fn ty(&mut self, depth: usize) -> Type {
        match self.below(if depth == 0 { 16 } else { 24 }) {
            0 => Type::Bool,
            1 => Type::S8,
            2 => Type::U8,
            3 => Type::S16,
            4 => Type::U16,
            5 => Type::S32,
            6 => Type::U32,
            7 => Type::S64,
            8 => Type::U64,
            9 => Type::F32,
            10 => Type::F64,
            11 => Type::Char,
            12 => Type::String,
            13 => Type::Bytes,
            14 => Type::Enum(self.labels(&[1, 2, 5, 256, 257])),
            15 => Type::Flags(self.labels(&[1, 7, 8, 9, 16, 17, 31, 32])),
            16 | 17 => Type::List(Box::new(self.item(depth - 1))),
            18 => Type::Tuple((0..=self.below(4)).map(|_| self.ty(depth - 1)).collect()),
            19 | 20 => Type::Record((0..=self.below(5)).map(|index| self.field(index, depth - 1)).collect()),
            21 => Type::Variant((0..=self.below(5)).map(|index| self.case(index, depth - 1)).collect()),
            22 => Type::Option(Box::new(self.ty(depth - 1))),
            _ => Type::Result {
                ok: self.payload(depth - 1).map(Box::new),
                err: self.payload(depth - 1).map(Box::new),
            },
        }
    }

    /// `list<u8>` is [`Type::Bytes`].
    fn item(&mut self, depth: usize) -> Type {
        let ty = self.ty(depth);
        if ty == Type::U8 { Type::S8 } else { ty }
    }

    fn labels(&mut self, counts: &[usize]) -> Vec<Label> {
        let count = self.pick(counts);
        (0..count).map(|index| Label { name: format!("l_{index}"), docs: None }).map(spelled).collect()
    }

    fn field(&mut self, index: usize, depth: usize) -> Field {
        Field { name: format!("f_{}", letters(index)), ty: self.ty(depth), docs: None }
    }

    fn case(&mut self, index: usize, depth: usize) -> Case {
        Case { name: format!("c_{}", letters(index)), payload: self.payload(depth), docs: None }
    }

    fn payload(&mut self, depth: usize) -> Option<Type> {
        if self.one_in(3) { None } else { Some(self.ty(depth)) }
    }

    /// JSON of type `ty`; every `faults`-th part is something else.
    pub(super) fn json(&mut self, ty: &Type, faults: usize) -> String {
        if self.one_in(faults) {
            return self.fault();
        }
        match ty {
            Type::Bool => self.pick(&["true", "false", "\"true\"", "\"false\""]).into(),
            Type::S8 | Type::U8 => {
                self.pick(&["0", "1", "127", "-128", "255", "7.0", "1e1", "-0", "\"127\"", "\"0\""]).into()
            }
            Type::S16 | Type::U16 => self.pick(&["0", "32767", "-32768", "65535", "258", "\"258\""]).into(),
            Type::S32 | Type::U32 => {
                self.pick(&["0", "2147483647", "-2147483648", "4294967295", "-1", "\"-1\""]).into()
            }
            Type::S64 | Type::U64 => self.wide(),
            Type::F32 | Type::F64 => self.float(),
            Type::Char => self
                .pick(&["\"a\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\u{10ffff}\"", "\"\\\"\""])
                .into(),
            Type::String => self.string(),
            Type::Bytes => self
                .pick(&["\"\"", "\"AA==\"", "\"AAE=\"", "\"AAEC\"", "\"/+8=\"", "\"\\/+8=\"", "\"AB==\""])
                .into(),
            Type::List(item) => self.array(0, 5, |this, _| this.json(item, faults)),
            Type::Tuple(types) => self.array(types.len(), 1, |this, index| this.json(&types[index], faults)),
            Type::Record(fields) => self.record(fields, faults),
            Type::Variant(cases) => {
                let case = &cases[self.below(cases.len())];
                self.tagged(&case.name, case.payload.as_ref(), faults)
            }
            Type::Enum(labels) => format!("\"{}\"", labels[self.below(labels.len())].name),
            Type::Flags(labels) => self.flags(labels),
            Type::Option(_) if self.one_in(3) => "null".into(),
            Type::Option(some) if some.accepts_null() => format!("{{\"some\":{}}}", self.json(some, faults)),
            Type::Option(some) => self.json(some, faults),
            Type::Result { ok, err } => {
                let (name, payload) = self.pick(&[("ok", ok), ("err", err)]);
                self.tagged(name, payload.as_deref(), faults)
            }
        }
    }

    fn wide(&mut self) -> String {
        let texts = [
            "0",
            "9007199254740991",
            "9007199254740992",
            "-9007199254740991",
            "\"18446744073709551615\"",
            "\"-9223372036854775808\"",
            "\"9007199254740993\"",
            "\"007\"",
            "-1",
        ];
        self.pick(&texts).into()
    }

    fn float(&mut self) -> String {
        let texts = [
            "0",
            "-0.0",
            "1.5",
            "0.1",
            "3.4028235e38",
            "1e-45",
            "1e309",
            "5e-324",
            "16777217",
            "\"1.5\"",
            "\"1e\"",
            "\"NaN\"",
            "\"Infinity\"",
            "\"-Infinity\"",
            "1.7976931348623157e308",
        ];
        self.pick(&texts).into()
    }

    fn string(&mut self) -> String {
        let parts = [
            "a",
            "hello, world",
            "\\n",
            "\\\"",
            "\\u0000",
            "\\u001f",
            "é",
            "\\u00e9",
            "😀",
            "\\ud83d\\ude00",
            "\u{7f}",
            "\\/",
            "中",
            "\\\\",
            "\u{2028}",
            "ÿ",
            "0123456789abcdef",
        ];
        let text: String = (0..self.below(6)).map(|_| self.pick(&parts)).collect();
        format!("\"{text}\"")
    }

    fn fault(&mut self) -> String {
        let texts = [
            "null",
            "300",
            "-1",
            "1.5",
            "\"\"",
            "\"x\"",
            "[]",
            "{}",
            "true",
            "[[]]",
            "{\"some\":null}",
            "\"ok\"",
            "{\"ok\":null}",
            "\"\\ud800\"",
            "\"AA=\"",
            "1e400",
            "\"ab\"",
            "\"[1]\"",
            "\"{}\"",
            "{\"a\":1,\"a\":2}",
            "[1,]",
            "01",
            "nul",
            "\"\u{1}\"",
        ];
        self.pick(&texts).into()
    }

    fn array(
        &mut self,
        least: usize,
        spread: usize,
        mut item: impl FnMut(&mut Self, usize) -> String,
    ) -> String {
        let count = least + self.below(spread);
        let items: Vec<String> = (0..count).map(|index| item(self, index)).collect();
        format!("[{}]", items.join(self.pick(&[",", " , ", ",\n\t"])))
    }

    fn record(&mut self, fields: &[Field], faults: usize) -> String {
        let mut members: Vec<String> = Vec::new();
        for field in fields {
            let absent = matches!(field.ty, Type::Option(_)) && self.one_in(3);
            if !absent && !self.one_in(faults * 4) {
                let at = self.below(members.len() + 1);
                members.insert(at, format!("\"{}\":{}", field.name, self.json(&field.ty, faults)));
            }
        }
        if self.one_in(faults * 4) {
            members.push("\"f_a\":0".into());
        }
        format!("{{{}}}", members.join(self.pick(&[",", " , "])))
    }

    fn tagged(&mut self, name: &str, payload: Option<&Type>, faults: usize) -> String {
        match payload {
            Some(ty) => format!("{{ \"{name}\" : {} }}", self.json(ty, faults)),
            None => format!("\"{name}\""),
        }
    }

    fn flags(&mut self, labels: &[Label]) -> String {
        let mut names: Vec<String> =
            labels.iter().filter(|_| self.one_in(2)).map(|l| format!("\"{}\"", l.name)).collect();
        if self.one_in(2) {
            names.reverse();
        }
        format!("[{}]", names.join(","))
    }
}

/// WIT words begin with a letter, and so must what follows a dash.
fn spelled(label: Label) -> Label {
    Label { name: label.name.replace("l_", "l_x"), ..label }
}

fn letters(index: usize) -> char {
    char::from(b'a' + index as u8)
}

fn has_address(ty: &Type) -> bool {
    match ty {
        Type::String | Type::Bytes | Type::List(_) => true,
        Type::Tuple(types) => types.iter().any(has_address),
        Type::Record(fields) => fields.iter().any(|field| has_address(&field.ty)),
        Type::Variant(cases) => cases.iter().filter_map(|case| case.payload.as_ref()).any(has_address),
        Type::Option(some) => has_address(some),
        Type::Result { ok, err } => [ok, err].into_iter().flatten().any(|ty| has_address(ty)),
        _ => false,
    }
}
