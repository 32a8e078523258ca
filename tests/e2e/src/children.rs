//! The processes that stories need: started here, ended by their ids whatever happens.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::browser::PATIENCE;
use crate::failure::{Context, Failure, Result};

/// A child process; dropped, it is ended and waited for.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        command
            .stdin(Stdio::null())
            .spawn()
            .map(Self)
            .context(|| format!("starting {name}"))
    }

    /// Starts it as the first of a process group of its own.
    pub(crate) fn lead(command: &mut Command) -> Result<Self> {
        Self::start(std::os::unix::process::CommandExt::process_group(
            command, 0,
        ))
    }

    /// Kills the group that it leads, without a chance to end in order, and returns when none of it is left.
    pub(crate) fn kill_group(&mut self) -> Result {
        let group = self.0.id().to_string();
        Command::new("kill")
            .args(["-KILL", "--", &format!("-{group}")])
            .status()
            .context(|| format!("killing the group {group}"))?;
        self.0.wait()?;
        let start = Instant::now();
        while lives(&group)? {
            crate::failure::ensure(start.elapsed() < PATIENCE, || {
                format!("the group {group} lives on")
            })?;
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_some())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing to end.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Whether anything of a process group still runs. By Linux's /proc.
fn lives(group: &str) -> Result<bool> {
    for entry in std::fs::read_dir("/proc").context(|| "reading /proc".into())? {
        let stat = std::fs::read_to_string(entry?.path().join("stat")).unwrap_or_default();
        // After the name in brackets: the state, the parent and the group.
        let mut fields = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace();
        let (state, of) = (fields.next(), fields.nth(1));
        if of == Some(group) && state != Some("Z") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A directory, served as a static host would.
pub(crate) struct Served {
    /// With the path under which it lies, ending in `/`.
    pub(crate) address: String,
    _process: Process,
}

impl Served {
    pub(crate) fn start(xtask: &Path, directory: &Path, base: &str) -> Result<Self> {
        Self::start_at(xtask, directory, base, 0)
    }

    /// The same at a port of the caller's choice; 0 is any that is free.
    pub(crate) fn start_at(xtask: &Path, directory: &Path, base: &str, port: u16) -> Result<Self> {
        let mut command = Command::new(xtask);
        command
            .arg("serve")
            .arg(directory)
            .args(["--base", base, "--port", &port.to_string()])
            .stdout(Stdio::piped());
        let mut process = Process::start(&mut command)?;
        let out = process
            .0
            .stdout
            .take()
            .context(|| "the server has no output".into())?;
        let mut address = String::new();
        BufReader::new(out)
            .read_line(&mut address)
            .context(|| "reading the server's address".into())?;
        crate::failure::ensure(address.starts_with("http://127.0.0.1:"), || {
            format!("xtask serve said {address:?} in place of its address")
        })?;
        Ok(Self {
            address: address.trim().to_owned(),
            _process: process,
        })
    }
}

/// A port on loopback that nobody uses now.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// A directory of our own that goes when it is dropped, and with it every process that works in it.
pub(crate) struct Scratch(PathBuf);

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Scratch {
    pub(crate) fn new(purpose: &str) -> Result<Self> {
        Self::new_in(&std::env::temp_dir(), purpose)
    }

    pub(crate) fn new_in(folder: &Path, purpose: &str) -> Result<Self> {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("pentimento-{purpose}-{}-{number}", std::process::id());
        let path = folder.join(name);
        std::fs::create_dir_all(&path).context(|| format!("making {}", path.display()))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Ends what was started with this directory on its command line and did not end with its driver.
    pub(crate) fn end_processes(&self) {
        let mark = self.0.to_string_lossy().into_owned();
        let Ok(entries) = std::fs::read_dir("/proc") else {
            return;
        };
        for entry in entries.flatten() {
            let is_ours = std::fs::read(entry.path().join("cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&mark));
            let pid = entry.file_name().to_string_lossy().parse::<u32>().ok();
            if let Some(pid) = pid.filter(|pid| is_ours && *pid != std::process::id()) {
                Command::new("kill")
                    .args(["-KILL", &pid.to_string()])
                    .stderr(Stdio::null())
                    .status()
                    .ok();
            }
        }
    }
}

/// A renderer of a browser, by Linux's /proc.
pub(crate) struct Renderer {
    pid: String,
    path: PathBuf,
}

impl Renderer {
    /// Those under the browser with this profile.
    pub(crate) fn all(profile: &Path) -> Result<Vec<Self>> {
        let mark = format!("--user-data-dir={}", profile.display());
        let mut processes = Vec::new();
        for entry in std::fs::read_dir("/proc").context(|| "reading /proc".into())? {
            let path = entry?.path();
            let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap_or_default();
            // After the name in brackets: the state, and the parent.
            let stat = read("stat");
            let parent = stat
                .rsplit(')')
                .next()
                .and_then(|rest| rest.split_whitespace().nth(1));
            let pid = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            if let (Some(pid), Some(parent)) = (pid, parent) {
                processes.push((pid, parent.to_owned(), read("cmdline"), path));
            }
        }
        let mut family: Vec<&str> = Vec::new();
        let browser = processes
            .iter()
            .filter(|(_, _, line, _)| line.contains(&mark) && !line.contains("--type="));
        family.extend(browser.map(|(pid, ..)| pid.as_str()));
        let mut renderers = Vec::new();
        let mut at = 0;
        while let Some(parent) = family.get(at).copied() {
            at += 1;
            for (pid, _, line, path) in processes.iter().filter(|(_, its, ..)| its == parent) {
                family.push(pid);
                if line.contains("--type=renderer") {
                    let (pid, path) = (pid.clone(), path.clone());
                    renderers.push(Self { pid, path });
                }
            }
        }
        Ok(renderers)
    }

    /// The one that works while `work` runs in its page: that has to keep it busy for a second or more. Asked again while
    /// another one works as well, as one does that is being started.
    pub(crate) async fn of_page(profile: &Path, work: impl AsyncFn() -> Result) -> Result<Self> {
        for _ in 0..5 {
            let before: Vec<(Self, u64)> = (Self::all(profile)?.into_iter())
                .map(|one| {
                    let ticks = one.ticks();
                    (one, ticks)
                })
                .collect();
            work().await?;
            let worked = before
                .into_iter()
                .map(|(one, ticks)| (one.ticks().saturating_sub(ticks), one));
            let mut worked: Vec<(u64, Self)> = worked.collect();
            worked.sort_by_key(|(ticks, _)| *ticks);
            let most = worked.pop();
            let next = worked.pop().map_or(0, |(ticks, _)| ticks);
            match most {
                Some((ticks, one)) if ticks > 2 * next => return Ok(one),
                _ => {}
            }
        }
        Err(Failure::new("no renderer works more than the others"))
    }

    /// Ticks of the clock that it has worked for.
    fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(self.path.join("stat")).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let fields = fields.split_whitespace().skip(11).take(2);
        fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
    }

    /// kill -9.
    pub(crate) fn kill(self) -> Result {
        let killed = Command::new("kill").args(["-KILL", &self.pid]).status();
        killed.map(drop).context(|| format!("killing {}", self.pid))
    }
}

/// What the page of a browser holds in memory, in bytes: of the largest renderer under the one with this profile, what no
/// file backs (private and shared). By Linux's /proc.
pub(crate) fn memory(profile: &Path) -> Result<u64> {
    let mut largest = None;
    for renderer in Renderer::all(profile)? {
        let rollup = std::fs::read_to_string(renderer.path.join("smaps_rollup"))?;
        let kilobytes = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            number.unwrap_or(0_u64)
        };
        let held = kilobytes("Pss_Anon:") + kilobytes("Pss_Shmem:") + kilobytes("SwapPss:");
        largest = largest.max(Some(held * 1024));
    }
    largest.context(|| "the browser has no renderer".into())
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.end_processes();
        std::fs::remove_dir_all(&self.0).ok();
    }
}
