//! Tells whether two catalogs say the same, whatever engine they are for.

use toolcell_host::catalog::Catalog;
use toolcell_host::digest::Digest;

/// Computes the digest of what a catalog says whatever engine it is for.
pub(super) fn contents(catalog: &Catalog) -> Digest {
    let mut json = serde_json::to_value(catalog).expect("a catalog is JSON");
    let drop_keys = |json: &mut serde_json::Value, keys: &[&str]| {
        let fields = json.as_object_mut().into_iter();
        fields.for_each(|fields| fields.retain(|key, _| !keys.contains(&key.as_str())));
    };
    drop_keys(&mut json, &["format", "engine"]);
    for plugin in json["plugins"].as_array_mut().into_iter().flatten() {
        drop_keys(plugin, &["code", "code_bytes"]);
    }
    Digest::of(json.to_string().as_bytes())
}
