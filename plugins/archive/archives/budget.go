package archives

import (
	"io"

	types "wit/archives"
)

// A budget is what several readers may read together.
type budget struct {
	limit uint32
	left  int64
}

func newBudget(limit uint32) *budget {
	return &budget{limit, int64(limit)}
}

// limited reads from one reader within a budget of its own.
func limited(from io.Reader, limit uint32) io.Reader {
	return newBudget(limit).reader(from)
}

// reader reads from another until the budget is used up, and fails if there is more.
func (b *budget) reader(from io.Reader) io.Reader {
	return &bounded{b, from}
}

type bounded struct {
	budget *budget
	from   io.Reader
}

func (r *bounded) Read(into []byte) (int, error) {
	// One byte more than is left, so that the end of what fits exactly is seen.
	if int64(len(into)) > r.budget.left+1 {
		into = into[:r.budget.left+1]
	}
	count, err := r.from.Read(into)
	r.budget.left -= int64(count)
	if r.budget.left < 0 {
		r.budget.left = 0
		return 0, types.MakeArchiveErrorTooLarge(r.budget.limit)
	}
	return count, err
}

// failing is the content of an entry that cannot be opened.
type failing struct {
	err error
}

func (f failing) Read([]byte) (int, error) {
	return 0, f.err
}
