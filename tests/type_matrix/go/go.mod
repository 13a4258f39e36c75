module typematrix

go 1.25

require wit v0.0.0

// Made by toolcell build from the files in ../wit.
replace wit => ./target/toolcell/bindings
