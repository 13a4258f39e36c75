//! A server in this process that follows releases, with a clock of the test.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use toolcell_host::auth::Anonymous;
use toolcell_host::aws::Ambient;
use toolcell_host::clock::Clock;
use toolcell_host::credentials::Keyring;
use toolcell_host::protocol::Exposure;
use toolcell_host::updater::{Package, Reach, Updater};
use toolcell_host::variables::Variables;

use crate::Bundle;
use crate::release::{PLACE, Publisher};

/// The time between two checks.
pub const MINUTE: Duration = Duration::from_secs(60);

/// A server that follows releases, and the time that it sees.
#[derive(Debug)]
pub struct Follower {
    /// The updater.
    pub updater: Arc<Updater>,
    now: Arc<Mutex<SystemTime>>,
    /// The bundle of its package.
    _package: Arc<Bundle>,
}

/// A package without plugins.
pub fn package() -> Bundle {
    Bundle::build("[releases]\n")
}

impl Follower {
    /// Follows a publisher's releases with a package of no plugins.
    pub fn of(publisher: &Publisher) -> Self {
        Self::with(publisher, package(), &[])
    }

    /// Follows a publisher's releases with a package and more variables.
    pub fn with(
        publisher: &Publisher,
        package: impl Into<Arc<Bundle>>,
        more: &[(&'static str, &str)],
    ) -> Self {
        Self::made(publisher, package.into(), more, |updater| updater)
    }

    /// Follows a publisher's releases, and keeps copies of code below a folder.
    pub fn with_copies(publisher: &Publisher, package: &Arc<Bundle>, temporary: &Path) -> Self {
        Self::made(publisher, Arc::clone(package), &[], |updater| updater.with_copies_below(temporary))
    }

    /// # Panics
    /// Panics if the package cannot be used.
    fn made(
        publisher: &Publisher,
        package: Arc<Bundle>,
        more: &[(&'static str, &str)],
        change: impl FnOnce(Updater) -> Updater,
    ) -> Self {
        let mut variables = publisher.variables();
        variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let get = move |name: &str| {
            variables.iter().rfind(|(other, _)| *other == name).map(|(_, value)| value.clone())
        };
        let variables = Variables::new(get);
        let now = Arc::new(Mutex::new(SystemTime::now()));
        let seen = Arc::clone(&now);
        let clock = Clock::new(move || *seen.lock().expect("no test has panicked"));
        let reach = Reach { exposure: Exposure::Loopback, anonymous: Anonymous::Allowed, concurrency: None };
        let opened = Package::open(package.path(), reach, Keyring::none(), &variables).expect("a package");
        let credentials = Arc::new(Ambient::new(variables.clone()));
        let place = PLACE.parse().expect("a place");
        let updater = Updater::open(place, opened, credentials, &variables, clock).expect("an updater");
        Self { updater: Arc::new(change(updater)), now, _package: package }
    }

    /// Lets time pass.
    ///
    /// # Panics
    /// Panics if another test has panicked while it did so.
    pub fn pass(&self, time: Duration) {
        *self.now.lock().expect("no test has panicked") += time;
    }

    /// Sets the clock back, which makes the last check old.
    ///
    /// # Panics
    /// Panics as [`Follower::pass`] does.
    pub fn set_back(&self, time: Duration) {
        *self.now.lock().expect("no test has panicked") -= time;
    }

    /// Shows the real time: S3 refuses requests whose time is wrong by a quarter of an hour.
    ///
    /// # Panics
    /// Panics as [`Follower::pass`] does.
    pub fn show_real_time(&self) {
        *self.now.lock().expect("no test has panicked") = SystemTime::now();
    }

    /// Makes the last check old, however often: the clock goes a minute ahead of the real time, and next time back to it.
    ///
    /// # Panics
    /// Panics as [`Follower::pass`] does.
    pub fn make_check_due(&self) {
        let real = SystemTime::now();
        let mut now = self.now.lock().expect("no test has panicked");
        *now = if *now > real { real } else { real + MINUTE };
    }

    /// Returns the plugins for a request that begins now, without what its check finds; `None` for status 503.
    ///
    /// # Panics
    /// Panics if the catalog that is served cannot be read.
    pub async fn tools(&self) -> Option<Vec<String>> {
        let service = self.updater.current(None).await.ok()?;
        let catalog = service.index().contents().expect("a catalog").catalog;
        let mut plugins: Vec<_> = catalog.plugins.into_iter().map(|plugin| plugin.name).collect();
        plugins.sort();
        Some(plugins)
    }

    /// Returns the plugins after the check that a request a minute later has started.
    pub async fn plugins_after_a_check(&self) -> Option<Vec<String>> {
        self.pass(MINUTE);
        let _ = self.tools().await;
        self.checked().await;
        self.tools().await
    }

    /// Waits for the check that is under way.
    pub async fn checked(&self) {
        while self.updater.is_checking() {
            self.updater.settle().await;
        }
    }
}
