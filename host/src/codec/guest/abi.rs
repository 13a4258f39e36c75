//! Implements the engine's hooks for a call: the only unsafe code of the codec.
//!
//! Audited against wasmtime 48.0.8; the module documentation of [`guest`](super) lists the assumptions.
#![allow(unsafe_code, reason = "wasmtime's Lower and Lift are unsafe traits; each impl says why it is sound")]

use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{ComponentNamedList, ComponentType, Func, Lift, Lower};
use wasmtime::{AsContextMut, ValRaw};

use super::budget::Budgets;
use super::decode::{self, MAX_FLAT_PARAMS};
use super::encode::{self, Returned};
use super::error::CallError;
use super::memory::{GuestBlock, Heap, Memory};
use super::plan::Plan;
use crate::codec::encoded::Encoded;

tokio::task_local! {
    /// The current call, for the two steps to which the engine passes nothing of ours: checking types, and lifting.
    /// Neither suspends.
    static CALL: Arc<GuestCall>;
}

/// One call, from its arguments to its result.
struct GuestCall {
    plan: Arc<Plan>,
    budgets: Budgets,
    /// The arguments, which lowering takes and frees.
    arguments: Mutex<Bytes>,
    decode: Mutex<Duration>,
}

/// The result of a call, and the time of each direction.
#[derive(Clone, Debug)]
pub struct TimedResult {
    /// The result.
    pub encoded: Encoded,
    /// The time from JSON into the guest, including the guest's allocations.
    pub decode: Duration,
    /// The time from the guest's memory to JSON.
    pub encode: Duration,
}

/// Calls a function; see [`guest::call`](super::call).
pub(super) async fn call(
    store: impl AsContextMut<Data: Send>,
    func: Func,
    plan: Arc<Plan>,
    arguments: Bytes,
    budgets: Budgets,
) -> Result<TimedResult, CallError> {
    let call =
        Arc::new(GuestCall { plan, budgets, arguments: Mutex::new(arguments), decode: Mutex::default() });
    let typed = CALL.sync_scope(Arc::clone(&call), || func.typed::<Arguments, Returns>(store.as_context()));
    let typed = typed.map_err(CallError::PlanMismatch)?;
    let arguments = Arguments(Arc::clone(&call));
    let returns = CALL.scope(Arc::clone(&call), typed.call_async(store, arguments)).await;
    let Returns { encoded, encode } = returns.map_err(CallError::from_engine)?;
    let decode = *call.decode.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(TimedResult { encoded, decode, encode })
}

/// The parameters of any function.
struct Arguments(Arc<GuestCall>);

/// The result of any function.
struct Returns {
    encoded: Encoded,
    encode: Duration,
}

/// Returns the form of a type for which the engine only needs the number of core values.
const fn flat(count: u8) -> CanonicalAbiInfo {
    CanonicalAbiInfo { flat_count: Some(count), ..CanonicalAbiInfo::ZERO }
}

/// Asks the current call, for [`Func::typed`].
fn typecheck(fits: impl FnOnce(&Plan) -> bool) -> wasmtime::Result<()> {
    match CALL.try_with(|call| fits(&call.plan)) {
        Ok(true) => Ok(()),
        _ => Err(wasmtime::Error::msg("the plan was not made from this function")),
    }
}

// SAFETY: `Lower` is an array of `ValRaw`, as the trait asks. It is as long as flat parameters can get,
// so that the engine always lowers flat and hands over the whole array, whatever the function's
// parameters are; where those do not fit, the first slot is the address of a block that we allocate and
// fill, as the engine itself would. `ABI` is only read where the array would be too long to be flat.
// `typecheck` compares the plan with the function's own parameters.
unsafe impl ComponentType for Arguments {
    type Lower = [ValRaw; MAX_FLAT_PARAMS];

    const ABI: CanonicalAbiInfo = flat(MAX_FLAT_PARAMS as u8);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        typecheck(|plan| plan.fits_params(ty, types.types))
    }
}

// SAFETY: `typecheck` accepts nothing but the tuple of a function's parameters.
unsafe impl ComponentNamedList for Arguments {}

// SAFETY: on success every slot is written, with all of its 64 bits, so the engine reads nothing
// uninitialised, however many slots the function takes and of whatever core types.
unsafe impl Lower for Arguments {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> wasmtime::Result<()> {
        let start = Instant::now();
        let call = &*self.0;
        let encoding = cx.options().string_encoding;
        let arguments = std::mem::take(&mut *call.arguments.lock().unwrap_or_else(PoisonError::into_inner));
        let limit_bytes = call.budgets.input_bytes;
        let flat = decode::decode(&call.plan, &arguments, limit_bytes, encoding, cx);
        dst.write(flat.map_err(CallError::into_engine)?.map(ValRaw::u64));
        *call.decode.lock().unwrap_or_else(PoisonError::into_inner) = start.elapsed();
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        _: &mut LowerContext<'_, T>,
        _: InterfaceType,
        _: usize,
    ) -> wasmtime::Result<()> {
        Err(wasmtime::Error::msg("parameters are always lowered flat"))
    }
}

// SAFETY: `Lower` is an array of `ValRaw`, as the trait asks, and as long as flat results can get: the
// engine always lifts flat and hands over the one core value that the function returned, which is the
// address of its result where that does not fit. `ABI` is only read where the array would be longer.
// `typecheck` compares the plan with the function's own results.
unsafe impl ComponentType for Returns {
    type Lower = [ValRaw; 1];

    const ABI: CanonicalAbiInfo = flat(1);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        typecheck(|plan| plan.fits_result(ty, types.types))
    }
}

// SAFETY: `typecheck` accepts nothing but the tuple of a function's results.
unsafe impl ComponentNamedList for Returns {}

// SAFETY: reads guest memory only through the slice that the engine gives, and the core value only as
// the core type that the plan, which fits, says it has; without a result it is not read.
unsafe impl Lift for Returns {
    // Kept apart from what runs before the guest: the thread that lifts may be another one, and the
    // address of a thread-local must not be carried over from there.
    #[inline(never)]
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        _: InterfaceType,
        src: &Self::Lower,
    ) -> wasmtime::Result<Self> {
        let start = Instant::now();
        let encoding = cx.options().string_encoding;
        let returned = Returned { value: src[0], memory: Memory(cx.memory()), encoding };
        let encoded = CALL.try_with(|call| encode::encode_within(&call.plan, returned, call.budgets))?;
        Ok(Self { encoded: encoded.map_err(CallError::into_engine)?, encode: start.elapsed() })
    }

    fn linear_lift_from_memory(
        _: &mut LiftContext<'_>,
        _: InterfaceType,
        _: &[u8],
    ) -> wasmtime::Result<Self> {
        Err(wasmtime::Error::msg("results are always lifted flat"))
    }
}

impl<T> Heap for LowerContext<'_, T> {
    fn allocate(&mut self, align: usize, size: usize) -> wasmtime::Result<GuestBlock<'_>> {
        let start = self.realloc(0, 0, u32::try_from(align)?, size)?;
        let address = u32::try_from(start)?;
        let bytes = self.as_slice_mut().get_mut(start..).and_then(|bytes| bytes.get_mut(..size));
        let bytes = bytes.ok_or_else(|| wasmtime::Error::msg("an allocation is out of bounds of memory"))?;
        Ok(GuestBlock { address, bytes })
    }
}
