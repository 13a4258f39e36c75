//! `Debug` of whatever holds a secret.

use std::collections::BTreeMap;
use std::sync::Arc;

use toolcell_host::aws::{Ambient, AwsAccess, AwsCredentials, Role, RoleSession, Sts};
use toolcell_host::clock::Clock;
use toolcell_host::credentials::Keyring;
use toolcell_host::secrets::{SecretValue, Secrets};
use toolcell_host::state_token::StateKeys;
use toolcell_host::variables::Variables;
use toolcell_tests::{Bundle, fixture};

use super::sweep::Sweep;

pub(crate) fn play(sweep: &mut Sweep) {
    let value = SecretValue::from(sweep.plant("a value"));
    sweep.shown("a value", &(&value, vec![value.clone()]));
    let values = BTreeMap::from([("file".to_owned(), value)]);
    let variable = sweep.plant("a variable of an object");
    let variables = Variables::new(move |_| Some(variable.clone()));
    let plugin = fixture::plugin("plain", &fixture::component("plain"));
    let grants = "[plugins.plain.grants.secrets]\nkey = \"key\"\n[secrets.key]\nenvironment = \"KEY\"\n";
    let bundle = Bundle::build(&format!("{plugin}{grants}"));
    let runner = bundle.open().unwrap();
    let secrets = Arc::new(Secrets::new(&runner.index().root().secrets, values, &variables, Clock::system()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let read = runtime.block_on(secrets.value("key", None)).unwrap();
    assert!(read.as_str().starts_with("canary"));
    let access = AwsAccess::new(Arc::new(Ambient::new(variables.clone())), variables.clone());
    let runner = runner.with_secrets(Arc::clone(&secrets)).with_aws(access.clone());
    sweep.shown("secrets and a runner", &(&secrets, &variables, &access, &runner));
    let keys = sweep.plant("the keys of an object");
    sweep.shown("keys", &Keyring::from(StateKeys::new([keys.as_str()]).unwrap()));
    let (secret, token) = (sweep.plant("a secret access key"), sweep.plant("a session token"));
    sweep.shown("credentials", &AwsCredentials::new("AKID", secret, Some(token), None, "test"));
    let [arn, policy, region, session] = ["arn", "policy", "region", "session"].map(str::to_owned);
    let session = RoleSession::new(Role { arn, policy, region, session });
    sweep.shown("a session", &(&session, &Sts::new(None, access, Clock::system())));
}
