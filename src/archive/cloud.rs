//! The object stores that a URL can name: S3, Google Cloud Storage, Azure.

use object_store::ObjectStoreScheme;
use url::Url;

/// A kind of object store that is spoken to over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    S3,
    Google,
    Azure,
}

impl Cloud {
    /// The kind that `url` names, if this program was built with it; an error continues the sentence after the URL.
    pub fn of(url: &str) -> Result<Self, String> {
        let parsed = Url::parse(url).map_err(|error| error.to_string())?;
        let cloud = match ObjectStoreScheme::parse(&parsed) {
            Ok((ObjectStoreScheme::AmazonS3, _)) => Self::S3,
            Ok((ObjectStoreScheme::GoogleCloudStorage, _)) => Self::Google,
            Ok((ObjectStoreScheme::MicrosoftAzure, _)) => Self::Azure,
            _ => return Err("must begin with file:, s3://, gs:// or az://".to_owned()),
        };
        let (feature, is_built_in) = match cloud {
            Self::S3 => ("s3", cfg!(feature = "s3")),
            Self::Google => ("gcs", cfg!(feature = "gcs")),
            Self::Azure => ("azure", cfg!(feature = "azure")),
        };
        if is_built_in {
            return Ok(cloud);
        }
        Err(format!(
            "names a store of {}, and this statementd was built without: build it with \"cargo build --release --features \
             {feature}\"",
            cloud.name()
        ))
    }

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "S3",
            Self::Google => "Google Cloud",
            Self::Azure => "Azure",
        }
    }

    /// Whether such a store has an option of this name.
    pub fn knows_option(self, name: &str) -> bool {
        match self {
            #[cfg(feature = "s3")]
            Self::S3 => name.parse::<object_store::aws::AmazonS3ConfigKey>().is_ok(),
            #[cfg(feature = "gcs")]
            Self::Google => name.parse::<object_store::gcp::GoogleConfigKey>().is_ok(),
            #[cfg(feature = "azure")]
            Self::Azure => name.parse::<object_store::azure::AzureConfigKey>().is_ok(),
            // Left out of this build.
            #[cfg(not(all(feature = "s3", feature = "gcs", feature = "azure")))]
            _ => {
                let _ = name;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(feature = "s3"))]
    #[test]
    fn a_store_that_was_left_out_says_how_to_get_it() {
        let why = Cloud::of("s3://bucket/a/b").unwrap_err();
        assert!(why.contains("built without") && why.contains("--features s3"), "{why}");
    }

    #[cfg(all(feature = "s3", feature = "gcs", feature = "azure"))]
    #[test]
    fn stores_are_known_by_their_schemes() {
        let kind = |url: &str| Cloud::of(url).ok();
        assert_eq!(kind("s3://bucket/a/b"), Some(Cloud::S3));
        assert_eq!(kind("gs://bucket"), Some(Cloud::Google));
        assert_eq!(kind("az://container/x"), Some(Cloud::Azure));
        for bad in ["ftp://x/y", "https://example.com/x", "memory:///"] {
            assert_eq!(kind(bad), None, "{bad}");
        }
    }

    #[cfg(feature = "s3")]
    #[test]
    fn options_belong_to_their_kind_of_store() {
        let s3 = Cloud::S3;
        assert!(s3.knows_option("aws_region") && s3.knows_option("region") && s3.knows_option("allow_http"));
        assert!(!s3.knows_option("regoin") && !s3.knows_option("azure_storage_account_name"));
    }
}
