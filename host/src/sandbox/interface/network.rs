//! Links `wasi:sockets`, closed: every attempt gets the interface's own error and is recorded.

use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::sockets::network::{
    ErrorCode, Host as Network, HostNetwork, IpAddress, IpAddressFamily,
};
use wasmtime_wasi::p2::bindings::sockets::{
    ip_name_lookup, network, tcp, tcp_create_socket, udp, udp_create_socket,
};
use wasmtime_wasi::p2::{DynPollable, SocketError, SocketResult};
use wasmtime_wasi::sockets::WasiSocketsView as _;

use crate::sandbox::denial::{Denial, NO_SOCKETS};
use crate::sandbox::store_data::StoreData;

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
