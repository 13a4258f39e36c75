use super::job::Job;
use crate::problem::Result;

pub(super) fn make(_job: &Job<'_>) -> Result<()> {
    unimplemented!()
}
