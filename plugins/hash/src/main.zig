//! Digests, checksums and codecs: what the standard library has, at a model's hand.

pub const codecs = @import("codecs.zig");
pub const hashes = @import("hashes.zig");

test {
    _ = codecs;
    _ = hashes;
}
