//! An HTTP client that costs little: one connection, one request at a time, answers with a content length.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket's option");
        Self { stream, read: Vec::with_capacity(16 * 1024) }
    }

    /// Sends a request and returns the answer's body, which has to be a 200.
    pub async fn send(&mut self, method: &str, path: &str, key: &str, body: &str) -> String {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{key}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        self.stream.write_all(request.as_bytes()).await.expect("sent");
        self.read.clear();
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await;
        };
        let text = String::from_utf8_lossy(&self.read[..head]).to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 200"), "{text}");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")).expect("a content length");
        let end = head + length.trim().parse::<usize>().expect("a number");
        while self.read.len() < end {
            self.more().await;
        }
        String::from_utf8_lossy(&self.read[head..end]).into_owned()
    }

    async fn more(&mut self) {
        assert!(self.stream.read_buf(&mut self.read).await.expect("received") > 0, "the connection was closed");
    }
}
