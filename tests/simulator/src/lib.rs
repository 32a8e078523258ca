//! A server that speaks the Images API on this machine: it draws, keeps a bill, and fails on demand.

pub mod asked;
pub mod bill;
pub mod config;
mod execution;
pub mod faults;
mod images;
mod line;
mod picture;
pub mod rules;
pub mod script;
mod server;
mod site;
mod state;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::{Builder, Runtime};

pub use bill::{Entry, KeySeen, Received};
pub use config::{Config, Picture};
pub use script::{Drip, Garbage, Match, Script};
pub use state::Hit;
use state::{State, lock};

/// A running simulator. It ends when it is dropped; stopped, it can be started again on the same port, with its bill.
pub struct Simulator {
    state: Arc<State>,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Simulator {
    /// Starts on loopback, at the port of the settings or a free one. Threads of its own: callers need no runtime.
    ///
    /// # Errors
    /// The port is taken, or the system gives no threads.
    pub fn start(config: Config) -> io::Result<Self> {
        let mut simulator = Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, config.port)),
            state: Arc::new(State::new(config)),
            runtime: None,
        };
        simulator.start_again()?;
        Ok(simulator)
    }

    /// Starts a stopped simulator on the same port. One that runs goes on.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_again(&mut self) -> io::Result<()> {
        if self.runtime.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address)?;
        listener.set_nonblocking(true)?;
        self.address = listener.local_addr()?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let state = Arc::clone(&self.state);
        let guard = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        drop(guard);
        drop(runtime.spawn(server::run(listener, state)));
        self.runtime = Some(runtime);
        Ok(())
    }

    /// Closes the port and every connection at once, like a machine that is switched off.
    pub fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // On a thread of its own, since a caller may live in a runtime, where waiting is forbidden.
            let shut = move || runtime.shutdown_timeout(Duration::from_secs(2));
            if std::thread::spawn(shut).join().is_err() {
                eprintln!("the simulator did not stop in order");
            }
        }
    }

    /// `http://127.0.0.1:PORT`; the API lies under `/v1`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests for pictures, in the order in which they came.
    #[must_use]
    pub fn bill(&self) -> Vec<Entry> {
        self.state.bill()
    }

    /// All other requests: files of the app, model lists, preflights.
    #[must_use]
    pub fn hits(&self) -> Vec<Hit> {
        self.state.hits()
    }

    /// A picture that came with a request, as it was received.
    #[must_use]
    pub fn received(&self, id: u64, number: usize) -> Option<Bytes> {
        self.state.kept(id, number)
    }

    /// Adds a script; the first that fits a request is used for it.
    pub fn script(&self, script: Script) {
        self.state.add_scripts(vec![script]);
    }

    /// Scripts that are still waiting.
    #[must_use]
    pub fn scripts(&self) -> Vec<Script> {
        self.state.scripts()
    }

    /// Forgets the scripts that are still waiting.
    pub fn withdraw(&self) {
        self.state.withdraw_scripts();
    }

    /// Changes the settings.
    pub fn configure(&self, change: impl FnOnce(&mut Config)) {
        change(&mut lock(&self.state.config));
    }

    /// Forgets scripts, bill, pictures and hits; settings stay.
    pub fn reset(&self) {
        self.state.reset();
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop();
    }
}
