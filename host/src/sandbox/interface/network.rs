//! Links `wasi:sockets`, closed: every attempt gets the interface's own error and is recorded.
//!
//! No guest ever has a socket, so the methods of sockets are never called. What a component imports of them is linked to
//! an error: wasmtime's own implementation would be 240 KB of the program that Lambda runs (ADR 54).

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::p2::bindings::sockets::network::{
    ErrorCode, Host as Network, HostNetwork, IpAddress, IpAddressFamily,
};
use wasmtime_wasi::p2::bindings::sockets::{
    ip_name_lookup, network, tcp, tcp_create_socket, udp, udp_create_socket,
};
use wasmtime_wasi::p2::{DynPollable, SocketError, SocketResult};
use wasmtime_wasi::sockets::WasiSocketsView as _;

use super::Import;
use crate::sandbox::denial::{Denial, NO_SOCKETS};
use crate::sandbox::store_data::StoreData;

/// Links `wasi:sockets/tcp`.
pub(super) fn link_tcp(linker: &mut Linker<StoreData>, import: Import<'_>) -> wasmtime::Result<()> {
    link_methods(linker, import, &[("tcp-socket", ResourceType::host::<tcp::TcpSocket>())])
}

/// Links `wasi:sockets/udp`.
pub(super) fn link_udp(linker: &mut Linker<StoreData>, import: Import<'_>) -> wasmtime::Result<()> {
    let resources = [
        ("udp-socket", ResourceType::host::<udp::UdpSocket>()),
        ("incoming-datagram-stream", ResourceType::host::<udp::IncomingDatagramStream>()),
        ("outgoing-datagram-stream", ResourceType::host::<udp::OutgoingDatagramStream>()),
    ];
    link_methods(linker, import, &resources)
}

/// Links resources that no guest ever has, with those of their methods that a component imports. Each method takes such a
/// resource, so it cannot be called, whatever its other types are.
fn link_methods(
    linker: &mut Linker<StoreData>,
    import: Import<'_>,
    resources: &[(&str, ResourceType)],
) -> wasmtime::Result<()> {
    let ComponentItem::ComponentInstance(instance) = import.item else { return Ok(()) };
    let mut linked = linker.instance(import.name)?;
    for (resource, resource_type) in resources {
        linked.resource(resource, *resource_type, |_, _| Ok(()))?;
        let method = format!("[method]{resource}.");
        for (name, _) in instance.exports(import.engine).filter(|(name, _)| name.starts_with(&method)) {
            linked.func_new(name, |_, _, _, _| Err(wasmtime::format_err!("{NO_SOCKETS}")))?;
        }
    }
    Ok(())
}

impl StoreData {
    fn refuse(&self, interface: &'static str) -> SocketError {
        self.denials().note(Denial::new(interface, NO_SOCKETS));
        ErrorCode::AccessDenied.into()
    }
}

impl tcp_create_socket::Host for StoreData {
    fn create_tcp_socket(&mut self, _: IpAddressFamily) -> SocketResult<Resource<tcp::TcpSocket>> {
        Err(self.refuse("wasi:sockets/tcp-create-socket"))
    }
}

impl udp_create_socket::Host for StoreData {
    async fn create_udp_socket(&mut self, _: IpAddressFamily) -> SocketResult<Resource<udp::UdpSocket>> {
        Err(self.refuse("wasi:sockets/udp-create-socket"))
    }
}

impl ip_name_lookup::Host for StoreData {
    fn resolve_addresses(
        &mut self,
        _: Resource<network::Network>,
        _: String,
    ) -> SocketResult<Resource<ip_name_lookup::ResolveAddressStream>> {
        Err(self.refuse("wasi:sockets/ip-name-lookup"))
    }
}

impl ip_name_lookup::HostResolveAddressStream for StoreData {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ip_name_lookup::ResolveAddressStream>,
    ) -> SocketResult<Option<IpAddress>> {
        self.sockets().resolve_next_address(stream)
    }

    fn subscribe(
        &mut self,
        stream: Resource<ip_name_lookup::ResolveAddressStream>,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        self.sockets().subscribe(stream)
    }

    fn drop(&mut self, stream: Resource<ip_name_lookup::ResolveAddressStream>) -> wasmtime::Result<()> {
        ip_name_lookup::HostResolveAddressStream::drop(&mut self.sockets(), stream)
    }
}

impl Network for StoreData {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        self.sockets().convert_error_code(error)
    }

    fn network_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.sockets().network_error_code(error)
    }
}

impl HostNetwork for StoreData {
    fn drop(&mut self, network: Resource<network::Network>) -> wasmtime::Result<()> {
        HostNetwork::drop(&mut self.sockets(), network)
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;
    use wasmtime::component::Component;

    use crate::sandbox::check_imports;
    use crate::sandbox::engine::config;

    /// Makes a component that imports `exports` from `wasi:sockets/tcp` of two releases, and checks whether it is linked.
    fn link(first: &str, second: &str) -> Result<(), String> {
        let import = |release, exports| {
            format!(
                r#"(import "wasi:sockets/tcp@{release}" (instance
                    (export "tcp-socket" (type $socket (sub resource))) {exports}))"#
            )
        };
        let text = format!("(component {} {})", import("0.2.0", first), import("0.2.6", second));
        let engine = Engine::new(&config()).expect("the configuration is the host's");
        let component = Component::new(&engine, wat::parse_str(text).expect("the text is well-formed"));
        check_imports(&component.expect("the component is valid")).map_err(|error| error.to_string())
    }

    /// Writes a method of sockets.
    fn method(name: &str) -> String {
        format!(r#"(export "[method]tcp-socket.{name}" (func (param "self" (borrow $socket)) (result u8)))"#)
    }

    #[test]
    fn each_release_of_an_interface_has_the_methods_that_a_component_imports_of_it() {
        assert_eq!(link(&method("hop-limit"), &method("shutdown")), Ok(()));
    }

    #[test]
    fn what_is_no_method_of_a_socket_is_refused() {
        let refused = link("", r#"(export "open" (func (result u8)))"#).unwrap_err();
        assert!(refused.contains("open"), "{refused}");
        let other = link("", r#"(export "pipe" (type (sub resource)))"#).unwrap_err();
        assert!(other.contains("pipe"), "{other}");
    }
}
