//! The kinds of store beyond a folder, by the URL that names one.

use object_store::ObjectStoreScheme;
use object_store::aws::AmazonS3ConfigKey;
use object_store::azure::AzureConfigKey;
use object_store::gcp::GoogleConfigKey;
use url::Url;

/// A kind of object store that is spoken to over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    S3,
    Google,
    Azure,
}

impl Cloud {
    /// The kind that `url` names; an error reads on after the URL.
    pub fn of(url: &str) -> Result<Self, String> {
        let parsed = Url::parse(url).map_err(|error| error.to_string())?;
        match ObjectStoreScheme::parse(&parsed).map_err(|error| error.to_string())?.0 {
            ObjectStoreScheme::AmazonS3 => Ok(Self::S3),
            ObjectStoreScheme::GoogleCloudStorage => Ok(Self::Google),
            ObjectStoreScheme::MicrosoftAzure => Ok(Self::Azure),
            _ => Err("must begin with file:, s3://, gs:// or az://".to_owned()),
        }
    }

    /// As messages name it.
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
            Self::S3 => name.parse::<AmazonS3ConfigKey>().is_ok(),
            Self::Google => name.parse::<GoogleConfigKey>().is_ok(),
            Self::Azure => name.parse::<AzureConfigKey>().is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn options_belong_to_their_kind_of_store() {
        let s3 = Cloud::S3;
        assert!(s3.knows_option("aws_region") && s3.knows_option("region") && s3.knows_option("allow_http"));
        assert!(!s3.knows_option("regoin") && !s3.knows_option("azure_storage_account_name"));
    }
}
