//! Runs a test in a network of its own, in which every address of the world is this machine.

use std::env;
use std::process::Command;

/// Tells a program that it runs inside.
const INSIDE: &str = "TOOLCELL_TEST_OWN_NETWORK";

/// A proxy that nobody may use; a connection to it ends in a sink, like every other one.
const PROXY: &str = "http://10.99.99.99:443";

/// A name that `/etc/hosts` gives an address inside.
pub(crate) const NAME_IN_HOSTS: &str = "in-hosts.test";

/// Every address is one of this machine, and the system's name server is at 127.0.0.1, with a search domain.
const SETUP: &str = "set -e
ip link set lo up
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo
mount -t tmpfs tmpfs /mnt
printf '127.0.0.1 localhost\\n8.8.8.8 in-hosts.test\\n' > /mnt/hosts
printf 'nameserver 127.0.0.1\\nsearch search.test\\noptions ndots:5\\n' > /mnt/resolv.conf
mount --bind /mnt/hosts /etc/hosts
mount --bind /mnt/resolv.conf /etc/resolv.conf
exec \"$@\"";

/// Returns true inside of such a network. Outside, runs the test `name` of this program in one, and returns false.
///
/// # Panics
/// Panics if the test fails, or the system allows nobody to make a network: run the tests as root then.
pub(crate) fn is_own(name: &str) -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "--mount", "sh", "-c", SETUP, "sh"]);
    command.arg(env::current_exe().unwrap()).args(["--exact", name, "--nocapture"]).env(INSIDE, "1");
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env(variable, PROXY);
    }
    let output = command.output().expect("unshare, of util-linux");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.contains("1 passed"), "{name} in a network of its own:\n{said}");
    println!("{said}");
    false
}
