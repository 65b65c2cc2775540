//! From `archive.url` to an open store: a folder of this machine, S3, Google Cloud Storage or Azure.
//!
//! The builders are called one by one, because the library's own way from a URL hides what can sign links and how
//! often a request is tried again.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "s3")]
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
#[cfg(feature = "azure")]
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
#[cfg(feature = "gcs")]
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::signer::Signer;
use object_store::{Certificate, ClientOptions, ObjectStore, ObjectStoreScheme, RetryConfig};
use url::Url;

use super::ArchiveError;
use super::cloud::Cloud;
use super::local::Folder;
use crate::durable_folder;
use crate::files::folder_of_url;

/// Tries of one request within [`RETRY_WINDOW`], for short failures. A store that is down for longer is asked again
/// by the daemon's next round.
const RETRIES: usize = 4;
const RETRY_WINDOW: Duration = Duration::from_secs(30);

/// An open store with the prefix that all keys get.
pub(super) struct Location {
    pub store: Arc<dyn ObjectStore>,
    pub prefix: Path,
    pub backend: Backend,
}

/// The kind of store, with what only that kind has.
#[derive(Debug, Clone)]
pub(super) enum Backend {
    /// A folder of this machine. It cannot sign links.
    Local(Folder),
    /// A store over the network, with what makes links that work for a while.
    Remote(Arc<dyn Signer>),
}

/// Opens what `url` names. `options` win over the environment; one that the store does not know is refused.
pub(super) fn open(
    url: &str,
    options: &BTreeMap<String, String>,
    ca_file: Option<&FilePath>,
) -> Result<Location, ArchiveError> {
    let bad_url = |why: String| ArchiveError::BadUrl { url: url.to_owned(), why };
    if let Some(folder) = folder_of_url(url).map(FilePath::new) {
        return open_folder(folder).map_err(|error| bad_url(format!("{}: {error}", folder.display())));
    }
    // The HTTP client leaves the choice of a crypto provider to the program. If it was made before, this does
    // nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cloud = Cloud::of(url).map_err(bad_url)?;
    let parsed = Url::parse(url).map_err(|error| bad_url(error.to_string()))?;
    let (_, prefix) = ObjectStoreScheme::parse(&parsed).map_err(|error| bad_url(error.to_string()))?;
    let client = trusting(ca_file).map_err(bad_url)?;
    let opened: Opened = match cloud {
        #[cfg(feature = "s3")]
        Cloud::S3 => open_s3(&parsed, &with_single_deletes(options), client),
        #[cfg(feature = "gcs")]
        Cloud::Google => open_google(&parsed, options, client),
        #[cfg(feature = "azure")]
        Cloud::Azure => open_azure(&parsed, options, client),
        #[cfg(not(all(feature = "s3", feature = "gcs", feature = "azure")))]
        _ => {
            let _ = (options, client);
            Err("is left out of this build".to_owned())
        }
    };
    let (store, signer) = opened.map_err(bad_url)?;
    Ok(Location { store, prefix, backend: Backend::Remote(signer) })
}

fn open_folder(folder: &FilePath) -> Result<Location, Box<dyn std::error::Error>> {
    durable_folder::create_all(folder)?;
    // Absolute, so that a later change of the working directory moves nothing.
    let folder = std::fs::canonicalize(folder)?;
    let store = LocalFileSystem::new_with_prefix(&folder)?.with_automatic_cleanup(true);
    Ok(Location { store: Arc::new(store), prefix: Path::default(), backend: Backend::Local(Folder::new(folder)) })
}

type Opened = Result<(Arc<dyn ObjectStore>, Arc<dyn Signer>), String>;

/// One store's builder, its kind of configuration key, and the prefix of its environment variables.
#[cfg_attr(not(any(feature = "s3", feature = "gcs", feature = "azure")), expect(unused_macros))]
macro_rules! open_with {
    ($name:ident, $builder:ty, $key:ty, $environment:literal, $credentials:pat) => {
        fn $name(url: &Url, options: &BTreeMap<String, String>, client: ClientOptions) -> Opened {
            let mut builder =
                <$builder>::new().with_url(url.as_str()).with_retry(retries()).with_client_options(client);
            // A token of the environment belongs to the environment's key, and not to the configuration's.
            let has_credentials =
                options.keys().any(|name| name.parse::<$key>().is_ok_and(|key| matches!(key, $credentials)));
            for (name, value) in std::env::vars().filter(|(name, _)| name.starts_with($environment)) {
                // Other programs' variables share the prefix.
                match name.to_ascii_lowercase().parse::<$key>() {
                    Ok(key) if !(has_credentials && matches!(key, $credentials)) => {
                        judge_option(&name, &value).map_err(|why| format!("environment variable {name} {why}"))?;
                        builder = builder.with_config(key, value);
                    }
                    _ => {}
                }
            }
            for (name, value) in options {
                let key = name.parse::<$key>().map_err(|_| format!("archive.options.{name} is not known here"))?;
                judge_option(name, value).map_err(|why| format!("archive.options.{name} {why}"))?;
                builder = builder.with_config(key, value);
            }
            let store = Arc::new(builder.build().map_err(|error| error.to_string())?);
            Ok((Arc::clone(&store) as Arc<dyn ObjectStore>, store as Arc<dyn Signer>))
        }
    };
}
#[cfg(feature = "s3")]
open_with!(
    open_s3,
    AmazonS3Builder,
    AmazonS3ConfigKey,
    "AWS_",
    AmazonS3ConfigKey::AccessKeyId | AmazonS3ConfigKey::SecretAccessKey | AmazonS3ConfigKey::Token
);
#[cfg(feature = "gcs")]
open_with!(
    open_google,
    GoogleCloudStorageBuilder,
    GoogleConfigKey,
    "GOOGLE_",
    GoogleConfigKey::ServiceAccount | GoogleConfigKey::ServiceAccountKey | GoogleConfigKey::ApplicationCredentials
);
#[cfg(feature = "azure")]
open_with!(
    open_azure,
    MicrosoftAzureBuilder,
    AzureConfigKey,
    "AZURE_",
    AzureConfigKey::AccessKey | AzureConfigKey::SasKey | AzureConfigKey::Token | AzureConfigKey::ClientSecret
);

/// Refuses a value that the library would build into a request and then fail on, by a panic; never repeats it.
#[cfg_attr(not(any(feature = "s3", feature = "gcs", feature = "azure")), expect(dead_code))]
fn judge_option(name: &str, value: &str) -> Result<(), String> {
    if value.chars().any(|c| c.is_control() || !c.is_ascii()) || value.trim() != value {
        return Err(
            "holds a character that no request can carry (a line end, a blank at an end, a letter that is not ASCII)"
                .into(),
        );
    }
    if !name.to_ascii_lowercase().contains("endpoint") {
        return Ok(());
    }
    if !value.starts_with("http://") && !value.starts_with("https://") {
        return Err("must begin with http:// or https://".into());
    }
    Url::parse(value).map_err(|why| format!("is not a URL: {why}"))?;
    value.parse::<axum::http::Uri>().map(drop).map_err(|why| format!("is not a URL: {why}"))
}

/// Google's stores, spoken to as S3, know no request that deletes several objects.
#[cfg(feature = "s3")]
fn with_single_deletes(options: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut options = options.clone();
    let is_google = options.values().any(|value| value.contains("storage.googleapis.com"));
    let is_set = options.keys().any(|name| matches!(name.parse(), Ok(AmazonS3ConfigKey::DisableBulkDelete)));
    if is_google && !is_set {
        options.insert(AmazonS3ConfigKey::DisableBulkDelete.as_ref().to_owned(), "true".into());
    }
    options
}

/// The HTTP client's settings, with the authorities of `ca_file` beside the system's.
fn trusting(ca_file: Option<&FilePath>) -> Result<ClientOptions, String> {
    let mut client = ClientOptions::new();
    let Some(path) = ca_file else { return Ok(client) };
    let bad = |why: String| format!("archive.ca_file {}: {why}", path.display());
    let pem = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| bad(error.to_string()))?;
    if certificates.is_empty() {
        return Err(bad("holds no certificate in PEM form".into()));
    }
    for certificate in certificates {
        client = client.with_root_certificate(certificate);
    }
    Ok(client)
}

#[cfg_attr(not(any(feature = "s3", feature = "gcs", feature = "azure")), expect(dead_code))]
fn retries() -> RetryConfig {
    RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_WINDOW, ..RetryConfig::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str, options: &[(&str, &str)]) -> String {
        let options = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        open(url, &options, None).map(|_| ()).unwrap_err().to_string()
    }

    #[cfg(feature = "s3")]
    #[test]
    fn an_unknown_option_is_refused_by_name() {
        let why = refusal("s3://bucket/prefix", &[("buckett", "x")]);
        assert_eq!(why, "archive.url \"s3://bucket/prefix\": archive.options.buckett is not known here");
    }

    #[cfg(feature = "s3")]
    #[test]
    fn a_value_that_no_request_can_carry_is_refused_by_its_name_and_not_repeated() {
        for (name, value) in [
            ("aws_endpoint", "127.0.0.1:9000"),
            ("aws_endpoint", " http://127.0.0.1:9000"),
            ("aws_endpoint", "http://127.0.0.1:99999/"),
            ("aws_endpoint", "http://exa mple"),
            ("aws_access_key_id", "AK\n"),
            ("aws_secret_access_key", "h\u{fc}nter2"),
        ] {
            let why = refusal("s3://bucket", &[("aws_region", "x"), (name, value)]);
            assert!(why.contains(&format!("archive.options.{name} ")) && !why.contains("nter2"), "{why}");
        }
    }

    #[test]
    fn an_unknown_kind_of_store_is_refused_with_the_known_ones() {
        assert!(refusal("https://example.org/x", &[]).ends_with("must begin with file:, s3://, gs:// or az://"));
        assert!(refusal("ftp://example.org/x", &[]).contains("ftp"));
    }
}
