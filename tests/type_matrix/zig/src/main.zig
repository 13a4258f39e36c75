//! Every value type of WIT, in and out.

pub const compute = @import("compute.zig");
pub const echo = @import("echo.zig");
