//! The other end of `side.rs`: a process that runs an operation whenever it is its turn.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::server::Server;
use crate::side::{Answer, Failure, Turn};

/// One library with its records, and the server that has them.
pub struct Process {
    pub server: Server,
    child: Child,
    turns: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a program with the server's address as its last argument, and waits until it is ready.
    pub fn start(server: Server, program: impl AsRef<OsStr>, arguments: &[&str]) -> Result<Self, Failure> {
        let mut child = Command::new(program)
            .args(arguments)
            .arg(server.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let turns = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let mut process = Self { server, child, turns, answers };
        if process.line()? != "ready" {
            return Err("a process is not ready".into());
        }
        Ok(process)
    }

    /// Runs an operation once.
    pub fn take(&mut self, name: &str, n: usize) -> Result<Answer, Failure> {
        let turn = serde_json::to_string(&Turn { name: name.to_owned(), n })?;
        writeln!(self.turns.as_ref().ok_or("no input")?, "{turn}")?;
        Ok(serde_json::from_str(&self.line()?)?)
    }

    fn line(&mut self) -> Result<String, Failure> {
        Ok(self.answers.next().ok_or("a process ended")??)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Without more turns it ends by itself. That it did not end well would have been seen in an answer.
        self.turns = None;
        let _ = self.child.wait();
    }
}
