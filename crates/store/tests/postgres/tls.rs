//! Certificates, by libpq's rules.

use std::{path::Path, process::Command};

use tempfile::TempDir;
use vouchsafe_pg_test::{Cluster, ClusterOptions};
use vouchsafe_store::postgres::{ConnectOptions, Postgres};

/// A cluster that takes TLS connections only, and a folder with what its clients need.
struct Secure {
    cluster: Cluster,
    folder: TempDir,
}

fn openssl(folder: &Path, arguments: &str) -> Result<(), String> {
    let made = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    let made = made.map_err(|error| format!("openssl: {error}"))?;
    if made.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&made.stderr).into_owned()) }
}

impl Secure {
    /// With a certificate that signed itself, or one under an authority of its own; for `db.example` either way.
    fn start(under_authority: bool) -> Result<Self, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
        let name = "-subj /CN=db.example -addext subjectAltName=DNS:db.example";
        if under_authority {
            openssl(folder.path(), &format!("req -x509 {new} -subj /CN=authority -keyout ca.key -out root.crt"))?;
            openssl(folder.path(), &format!("req {new} {name} -keyout server.key -out server.csr"))?;
            let sign =
                "x509 -req -in server.csr -CA root.crt -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy";
            openssl(folder.path(), &format!("{sign} -out server.crt"))?;
        } else {
            openssl(folder.path(), &format!("req -x509 {new} {name} -keyout server.key -out server.crt"))?;
            std::fs::copy(folder.path().join("server.crt"), folder.path().join("root.crt"))
                .map_err(|e| e.to_string())?;
        }
        openssl(folder.path(), &format!("req -x509 {new} {name} -keyout other.key -out other.crt"))?;
        let file = |name: &str| {
            (name.to_owned(), std::fs::read_to_string(folder.path().join(name)).expect("openssl has written it"))
        };
        let cluster = Cluster::start_with(&ClusterOptions {
            settings: vec![("ssl".into(), "on".into())],
            files: vec![file("server.crt"), file("server.key")],
            hba: Some("hostssl all all 127.0.0.1/32 scram-sha-256\n".into()),
            ..ClusterOptions::default()
        })?;
        Ok(Self { cluster, folder })
    }

    /// The code of the error of connecting to `host` by these options, or "connected".
    async fn connect(&self, host: &str, options: &str) -> &'static str {
        let root = |name| self.folder.path().join(name).display().to_string();
        let options = options.replace("ROOT", &root("root.crt")).replace("OTHER", &root("other.crt"));
        let url = format!("{}?{options}", self.cluster.url("postgres").replace("127.0.0.1", host));
        let address = Some("127.0.0.1".parse().unwrap());
        let postgres = match Postgres::connect(&url, ConnectOptions { max: 1, address, ..ConnectOptions::default() }) {
            Ok(postgres) => postgres,
            Err(error) => return error.code(),
        };
        match postgres.ping().await {
            Ok(()) => "connected",
            Err(error) => {
                println!("{host} {options}: {error}");
                error.code()
            }
        }
    }
}

#[tokio::test]
async fn a_servers_certificate_is_taken_or_refused_as_libpq_does() {
    for under_authority in [false, true] {
        let secure = match Secure::start(under_authority) {
            Ok(secure) => secure,
            Err(reason) => return eprintln!("skipped: {reason}"),
        };
        for (host, options, expected) in [
            ("db.example", "sslmode=disable", "STORE_REFUSED"),
            ("db.example", "", "connected"),
            ("db.example", "sslmode=prefer", "connected"),
            ("db.example", "sslmode=require", "connected"),
            ("other.example", "sslmode=require", "connected"),
            ("db.example", "sslmode=require&sslrootcert=ROOT", "connected"),
            ("db.example", "sslmode=require&sslrootcert=OTHER", "STORE_REFUSED"),
            ("db.example", "sslmode=verify-ca&sslrootcert=ROOT", "connected"),
            ("other.example", "sslmode=verify-ca&sslrootcert=ROOT", "connected"),
            ("db.example", "sslmode=verify-ca&sslrootcert=OTHER", "STORE_REFUSED"),
            ("db.example", "sslmode=verify-full&sslrootcert=ROOT", "connected"),
            ("other.example", "sslmode=verify-full&sslrootcert=ROOT", "STORE_REFUSED"),
            ("127.0.0.1", "sslmode=verify-full&sslrootcert=ROOT", "STORE_REFUSED"),
            ("db.example", "sslmode=verify-full&sslrootcert=OTHER", "STORE_REFUSED"),
            ("db.example", "sslmode=verify-full&sslrootcert=/nowhere", "STORE_REFUSED"),
            ("db.example", "sslmode=verify-full&sslrootcert=system", "STORE_REFUSED"),
            ("db.example", "sslmode=verify-ca&sslrootcert=system", "STORE_REFUSED"),
        ] {
            assert_eq!(secure.connect(host, options).await, expected, "{host} {options} {under_authority}");
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_required() {
    let Some(cluster) = Cluster::shared() else { return };
    let url = format!("{}?sslmode=require", cluster.url("postgres"));
    let error = Postgres::connect(&url, ConnectOptions::default()).unwrap().ping().await.unwrap_err();
    assert_eq!(error.code(), "STORE_REFUSED", "{error}");
}
