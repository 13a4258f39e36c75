//! Finds the AWS credentials of the person or the machine that runs a command.
//!
//! The order is that of the AWS tools: the environment, the shared profile, the container, the instance.
//! Source: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>

mod instance;
mod process;
mod profile;

use std::time::{Duration, SystemTime};

use toolcell_host::aws::{Ambient, AwsCredentials, CredentialSource, NoCredentials};
use toolcell_host::net::Client;
use toolcell_host::variables::Variables;

use instance::Instance;
use process::ProcessCredentials;
use profile::{Profile, ProfileCredentials};

/// The variables that name the endpoint of a container.
const CONTAINER: [&str; 2] = ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];

/// The time before their end at which credentials are asked for again.
const MARGIN: Duration = Duration::from_secs(60);

/// The places where a command looks for credentials.
#[derive(Debug)]
pub struct CommandCredentials {
    variables: Variables,
    ambient: Ambient,
    instance: Instance,
    last: std::sync::Mutex<Option<AwsCredentials>>,
}

impl CommandCredentials {
    /// Looks where `variables` say. Reads and asks nothing yet.
    pub fn new(variables: &Variables) -> Self {
        Self {
            ambient: Ambient::new(variables.clone()),
            instance: Instance::new(variables),
            last: std::sync::Mutex::default(),
            variables: variables.clone(),
        }
    }

    /// Asks the program of the profile, the container or the instance.
    async fn ask(
        &self,
        client: &Client,
        now: SystemTime,
        program: Option<String>,
    ) -> Result<AwsCredentials, NoCredentials> {
        if let Some(command) = program {
            // A program may take seconds, and a server has other things to do.
            let ran = tokio::task::spawn_blocking(move || ProcessCredentials::run(&command)).await;
            return ran.unwrap_or_else(|ended| Err(NoCredentials::Other(ended.to_string())));
        }
        if CONTAINER.iter().any(|name| self.variables.get(name).is_some()) {
            return self.ambient.current(client, now).await;
        }
        self.instance.credentials(client).await
    }

    async fn find(&self, client: &Client, now: SystemTime) -> Result<AwsCredentials, NoCredentials> {
        if self.variables.get("AWS_ACCESS_KEY_ID").is_some() {
            return self.ambient.current(client, now).await;
        }
        // The files are read each time: whoever renews credentials in them need not start a server again.
        let program = match Profile::open(&self.variables)?.credentials()? {
            Some(ProfileCredentials::Static(credentials)) => return Ok(credentials),
            Some(ProfileCredentials::Process(command)) => Some(command),
            None => None,
        };
        let last = self.last.lock().expect("nobody has panicked").clone();
        let is_fresh = |one: &AwsCredentials| one.expiry().is_none_or(|end| now + MARGIN < end);
        if let Some(last) = last.filter(is_fresh) {
            return Ok(last);
        }
        let found = self.ask(client, now, program).await?;
        *self.last.lock().expect("nobody has panicked") = Some(found.clone());
        Ok(found)
    }
}

impl CredentialSource for CommandCredentials {
    fn current<'a>(
        &'a self,
        client: &'a Client,
        now: SystemTime,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<AwsCredentials, NoCredentials>> + Send + 'a>> {
        Box::pin(self.find(client, now))
    }
}
