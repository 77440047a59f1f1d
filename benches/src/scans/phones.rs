//! Gates that scan: each a connection of its own, with one question at a time.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use lianfang_core::words::Word;
use tokio::net::TcpStream;
use tokio::task::{JoinSet, LocalSet};

use super::holders::City;

/// A connection to the server.
struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(1_024),
        })
    }

    async fn send(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.stream.try_write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.stream.writable().await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Asks, and waits for the whole answer: its status and its body.
    async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, &[u8])> {
        self.send(request).await?;
        self.buffer.clear();
        let mut some = [0; 2_048];
        loop {
            if let Some((status, body)) = whole(&self.buffer) {
                return Ok((status, &self.buffer[body..]));
            }
            self.stream.readable().await?;
            match self.stream.try_read(&mut some) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.buffer.extend_from_slice(&some[..read]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The status of an answer and where its body begins, once all of it is here.
fn whole(bytes: &[u8]) -> Option<(u16, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let status = text.get(9..12)?.parse().ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let own = name.eq_ignore_ascii_case("content-length");
        own.then(|| value.trim().parse::<usize>().ok()).flatten()
    })?;
    (bytes.len() >= head + 4 + length).then_some((status, head + 4))
}

/// What came of many scans.
#[derive(Default)]
pub(super) struct Came {
    /// Accepted: the holder and the place of each, which never comes twice.
    pub(super) accepted: Vec<(u32, u32)>,
    /// Refused since too much waits.
    pub(super) refused: u64,
    /// Scans that a gate did not even ask about, since it still waited for an answer.
    pub(super) unasked: u64,
    /// Answers that say something wrong.
    pub(super) wrong: u64,
    /// Lines that broke.
    pub(super) broken: u64,
    /// Milliseconds of each accepted scan.
    pub(super) took: Vec<f64>,
    /// Milliseconds of each refusal.
    pub(super) refused_took: Vec<f64>,
    /// How long they asked.
    pub(super) seconds: f64,
}

/// Which scan comes next: every pair of holder and place once.
#[derive(Default)]
pub(super) struct Turn(Cell<u64>);

impl Turn {
    pub(super) fn next(&self, city: &City) -> (u32, u32) {
        let n = self.0.get();
        self.0.set(n + 1);
        let holders = city.holders.len() as u64;
        let place = (n / holders + n) % city.places.len() as u64;
        ((n % holders) as u32, place as u32)
    }

    /// Whether pairs are left.
    pub(super) fn left(&self, city: &City) -> u64 {
        (city.holders.len() * city.places.len()) as u64 - self.0.get()
    }
}

fn request(city: &City, (holder, place): (u32, u32), into: &mut Vec<u8>) {
    use std::io::Write as _;
    let code = &city.holders[holder as usize].code;
    let place = &city.places[place as usize].code;
    let length = r#"{"code":"","place":""}"#.len() + code.len() + place.len();
    into.clear();
    // Writing to memory does not fail.
    let _ = write!(
        into,
        "POST /api/scans HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{{\"code\":\"{code}\",\"place\":\"{place}\"}}",
        city.token
    );
}

fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|part| part == text.as_bytes())
}

/// How gates ask.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    pub(super) gates: usize,
    pub(super) seconds: f64,
    /// Scans each gate begins in a second, whether or not the last was answered in time; without it, one after another.
    pub(super) rate: Option<f64>,
}

struct Gates {
    city: Arc<City>,
    turn: Rc<Turn>,
    came: RefCell<Came>,
    begun: Instant,
    asking: Asking,
}

impl Gates {
    async fn gate(&self, nth: usize, mut line: Line) {
        let mut request_bytes = Vec::with_capacity(1_024);
        let until = self.begun + Duration::from_secs_f64(self.asking.seconds);
        let mut slot = 0_u64;
        loop {
            if let Some(rate) = self.asking.rate {
                // Gates are spread evenly over the time of one scan.
                let offset = nth as f64 / self.asking.gates as f64;
                let at =
                    |slot: u64| self.begun + Duration::from_secs_f64((slot as f64 + offset) / rate);
                while at(slot + 1) < Instant::now() {
                    slot += 1;
                    self.came.borrow_mut().unasked += 1;
                }
                tokio::time::sleep_until(at(slot).into()).await;
                slot += 1;
            }
            let asked_at = Instant::now();
            if asked_at >= until {
                return;
            }
            let scan = self.turn.next(&self.city);
            request(&self.city, scan, &mut request_bytes);
            let colour = self.city.holders[scan.0 as usize].colour;
            let answer = line.ask(&request_bytes).await;
            let mut came = self.came.borrow_mut();
            let took = asked_at.elapsed().as_secs_f64() * 1e3;
            match answer {
                Ok((200, body)) => {
                    let right = contains(body, "\"result\":\"valid\"")
                        && contains(body, "\"taken\":true")
                        && contains(body, &format!("\"colour\":\"{}\"", colour.word()));
                    came.accepted.push(scan);
                    came.took.push(took);
                    came.wrong += u64::from(!right);
                }
                Ok((503, _)) => {
                    came.refused += 1;
                    came.refused_took.push(took);
                }
                Ok(_) => came.wrong += 1,
                Err(_) => {
                    came.broken += 1;
                    return;
                }
            }
        }
    }
}

/// Lets gates ask, all on this thread.
pub(super) fn ask(
    address: SocketAddr,
    city: &Arc<City>,
    turn: &Rc<Turn>,
    asking: Asking,
) -> anyhow::Result<Came> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        let mut lines = Vec::new();
        for _ in 0..asking.gates {
            lines.push(
                Line::connect(address)
                    .await
                    .context("no line to the server")?,
            );
        }
        let gates = Rc::new(Gates {
            city: Arc::clone(city),
            turn: Rc::clone(turn),
            came: RefCell::default(),
            begun: Instant::now(),
            asking,
        });
        let mut asking = JoinSet::new();
        for (nth, line) in lines.into_iter().enumerate() {
            let gates = Rc::clone(&gates);
            asking.spawn_local(async move { gates.gate(nth, line).await });
        }
        asking.join_all().await;
        let gates = Rc::into_inner(gates).context("a gate still asks")?;
        let mut came = gates.came.into_inner();
        came.seconds = gates.begun.elapsed().as_secs_f64();
        came.took.sort_by(f64::total_cmp);
        came.refused_took.sort_by(f64::total_cmp);
        ensure!(turn.left(city) > 0, "too few holders and places");
        Ok(came)
    })
}
