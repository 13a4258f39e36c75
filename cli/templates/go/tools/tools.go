// Package tools implements the interface of the same name in wit/world.wit.
package tools

import (
	"math"

	"wit"
	"wit/tools"
)

// SplitBill splits a bill, with a tip, into equal shares.
func SplitBill(total, guests, tip uint32) wit.Result[tools.Share, tools.SplitError] {
	if guests == 0 {
		return wit.Err[tools.Share](tools.MakeSplitErrorNoGuests())
	}
	sum := uint64(total) + uint64(total)*uint64(tip)/100
	if sum > math.MaxUint32 {
		return wit.Err[tools.Share](tools.MakeSplitErrorTooLarge(math.MaxUint32))
	}
	cents := uint32(sum)
	return wit.Ok[tools.Share, tools.SplitError](tools.Share{Each: cents / guests, Rest: cents % guests})
}
