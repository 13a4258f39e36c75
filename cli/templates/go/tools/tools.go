// Package tools implements the interface of the same name in wit/world.wit.
package tools

import (
	"math"

	"wit/tools"
)

// SplitBill splits a bill, with a tip, into equal shares.
func SplitBill(total, guests, tip uint32) (tools.Share, error) {
	if guests == 0 {
		return tools.Share{}, tools.MakeSplitErrorNoGuests()
	}
	sum := uint64(total) + uint64(total)*uint64(tip)/100
	if sum > math.MaxUint32 {
		return tools.Share{}, tools.MakeSplitErrorTooLarge(math.MaxUint32)
	}
	cents := uint32(sum)
	return tools.Share{Each: cents / guests, Rest: cents % guests}, nil
}
