//! Reads the shared files `~/.aws/credentials` and `~/.aws/config`.
//!
//! Source: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toolcell_host::aws::{AwsCredentials, NoCredentials};
use toolcell_host::variables::Variables;

use crate::ui::read::read_text;

/// The settings of one profile. The file of credentials comes before the file of configuration.
#[derive(Default)]
pub(super) struct Profile {
    name: String,
    settings: BTreeMap<String, String>,
}

/// What a profile says about credentials.
#[derive(PartialEq)]
pub(super) enum ProfileCredentials {
    /// They stand in the file.
    Static(AwsCredentials),
    /// A program prints them.
    Process(String),
}

impl Profile {
    /// Reads the profile that `AWS_PROFILE` names, or `default`. A file that is not there is empty.
    pub(super) fn open(variables: &Variables) -> Result<Self, NoCredentials> {
        let chosen = variables.get("AWS_PROFILE");
        let name = chosen.clone().unwrap_or_else(|| "default".to_owned());
        let home = variables.get("HOME").map(|home| PathBuf::from(home).join(".aws"));
        let file = |variable: &str, default: &str| {
            let path = variables.get(variable).map(PathBuf::from);
            path.or_else(|| Some(home.clone()?.join(default))).map_or_else(String::new, |path| text(&path))
        };
        let mut settings = section(&file("AWS_CONFIG_FILE", "config"), &name, Titles::Prefixed);
        let credentials = section(&file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), &name, Titles::Plain);
        if chosen.is_some() && settings.is_none() && credentials.is_none() {
            return Err(NoCredentials::Other(format!(
                "there is no profile {name:?}, which AWS_PROFILE names"
            )));
        }
        settings.get_or_insert_default().extend(credentials.unwrap_or_default());
        Ok(Self { name, settings: settings.unwrap_or_default() })
    }

    /// Returns the credentials of the profile; `None` if it says nothing about them.
    pub(super) fn credentials(&self) -> Result<Option<ProfileCredentials>, NoCredentials> {
        let get = |key: &str| self.settings.get(key).cloned();
        if let Some(key) = get("aws_access_key_id") {
            let secret =
                get("aws_secret_access_key").ok_or_else(|| self.refuse("has a key and no secret"))?;
            let token = get("aws_session_token");
            return Ok(Some(ProfileCredentials::Static(AwsCredentials::new(
                key, secret, token, None, "profile",
            ))));
        }
        if let Some(command) = get("credential_process") {
            return Ok(Some(ProfileCredentials::Process(command)));
        }
        let other = ["sso_session", "sso_start_url", "role_arn", "web_identity_token_file"];
        match other.iter().find(|key| self.settings.contains_key(**key)) {
            None => Ok(None),
            Some(key) => Err(self.refuse(&format!(
                "has `{key}`, which toolcell does not read: run `aws configure export-credentials --format env`, or set \
                 `credential_process`"
            ))),
        }
    }

    fn refuse(&self, wrong: &str) -> NoCredentials {
        NoCredentials::Other(format!("the AWS profile {:?} {wrong}", self.name))
    }
}

/// How a file writes the titles of its sections.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Titles {
    /// `[name]`
    Plain,
    /// `[profile name]`, but `[default]`
    Prefixed,
}

fn text(path: &Path) -> String {
    read_text(path).unwrap_or_default()
}

/// Reads one section; `None` if the file does not have it.
fn section(text: &str, name: &str, titles: Titles) -> Option<BTreeMap<String, String>> {
    let title = match titles {
        Titles::Prefixed if name != "default" => format!("profile {name}"),
        _ => name.to_owned(),
    };
    let mut settings = None;
    let mut is_inside = false;
    for line in text.lines().filter(|line| !line.trim_start().starts_with(['#', ';'])) {
        if let Some(found) = line.trim().strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let words: Vec<_> = found.split_whitespace().collect();
            is_inside = words.join(" ") == title;
            if is_inside {
                settings.get_or_insert_with(BTreeMap::new);
            }
        } else if let Some((key, value)) =
            line.split_once('=').filter(|_| is_inside && !line.starts_with([' ', '\t']))
        {
            // A line that is indented belongs to a setting with settings of its own.
            settings
                .get_or_insert_with(BTreeMap::new)
                .insert(key.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The profile that `variables` choose, of these two files.
    fn profile(
        config: &str,
        credentials: &str,
        variables: &[(&'static str, &'static str)],
    ) -> Result<Profile, NoCredentials> {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        std::fs::write(home.path().join(".aws/config"), config).unwrap();
        std::fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
        let mut all: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.insert("HOME".to_owned(), home.path().display().to_string());
        Profile::open(&Variables::new(move |name| all.get(name).cloned()))
    }

    fn key(found: Option<ProfileCredentials>) -> String {
        match found {
            Some(ProfileCredentials::Static(credentials)) => credentials.access_key_id().to_owned(),
            Some(ProfileCredentials::Process(command)) => command,
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn the_profile_is_chosen_by_a_variable() {
        let config = "[default]\nregion = eu-central-1\n# [profile ci]\n[profile  ci]\ncredential_process = /bin/print \"a b\"\n\
                      s3 =\n  aws_access_key_id = nested\n";
        let credentials = "[default]\naws_access_key_id = ONE\naws_secret_access_key=a=b\n";
        let of = |variables| key(profile(config, credentials, variables).unwrap().credentials().unwrap());
        assert_eq!(of(&[]), "ONE");
        assert_eq!(of(&[("AWS_PROFILE", "ci")]), "/bin/print \"a b\"");
        let refused = profile(config, credentials, &[("AWS_PROFILE", "other")]).err().unwrap().to_string();
        assert!(refused.contains("\"other\""), "{refused}");
        assert_eq!(key(profile("", "", &[]).unwrap().credentials().unwrap()), "nothing");
    }

    #[test]
    fn what_is_not_read_is_said() {
        let table = [
            ("[default]\naws_access_key_id = ONE\n", "no secret"),
            ("[default]\nsso_session = corporate\n", "`sso_session`"),
            ("[default]\nrole_arn = arn:aws:iam::1:role/r\n", "`role_arn`"),
        ];
        for (config, expected) in table {
            let refused = profile(config, "", &[]).unwrap().credentials().err().unwrap().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
    }
}
