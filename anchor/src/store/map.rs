//! Nodes of the map, loaded as a walk asks for them.

use std::future::Future;

use ledger::{Hash, MapError, MapNode, MemoryNodes};
use sqlx::SqliteConnection;

use super::ReadError;

/// Where nodes of the map are stored.
pub trait LoadNode: Send {
    /// The bytes that are stored by this hash.
    ///
    /// # Errors
    /// [`ReadError`]
    fn map_node(&mut self, hash: &Hash) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;
}

impl LoadNode for SqliteConnection {
    async fn map_node(&mut self, hash: &Hash) -> Result<Option<Vec<u8>>, ReadError> {
        let node: Option<Vec<u8>> = sqlx::query_scalar("SELECT node FROM map_nodes WHERE hash = ?")
            .bind(hash.as_slice())
            .fetch_optional(&mut *self)
            .await?;
        Ok(node)
    }
}

/// Runs `walk` until every node it needs is loaded. A walk passes each level once,
/// so it asks for at most as many nodes as the map is deep.
pub(crate) async fn with_nodes<N: LoadNode, T>(
    stored: &mut N,
    nodes: &mut MemoryNodes,
    walk: impl Fn(&MemoryNodes) -> Result<T, MapError>,
) -> Result<T, ReadError> {
    loop {
        match walk(nodes) {
            Ok(found) => return Ok(found),
            Err(MapError::MissingNode(hash)) => {
                let bytes = stored.map_node(&hash).await?;
                let node = bytes.as_deref().and_then(MapNode::from_bytes);
                let node = node
                    .filter(|node| node.hash() == hash)
                    .ok_or(ReadError::Damaged("map node"))?;
                nodes.insert(node);
            }
            Err(_) => return Err(ReadError::Damaged("map")),
        }
    }
}
