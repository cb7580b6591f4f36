//! What a test may want of its cluster.

/// How a cluster is set up; the default serves most tests.
#[derive(Debug, Clone, Default)]
pub struct ClusterOptions {
    /// Whether commits reach the disk; off by default, for no test here cuts the power.
    pub fsync: bool,
    /// Further settings of `postgresql.conf`, as `("ssl", "on")`.
    pub settings: Vec<(String, String)>,
    /// Files that are put into the data folder before the first start, by name, readable by the server alone.
    pub files: Vec<(String, String)>,
    /// Replaces `pg_hba.conf`.
    pub hba: Option<String>,
}
