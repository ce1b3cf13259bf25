//! Nodes of the map, loaded as a walk asks for them.

use ledger::{MapError, MapNode, MemoryNodes};
use sqlx::SqliteConnection;

use super::ReadError;

/// Runs `walk` until every node it needs is loaded. A walk passes each level once,
/// so it asks for at most as many nodes as the map is deep.
pub(crate) async fn with_nodes<T>(
    connection: &mut SqliteConnection,
    nodes: &mut MemoryNodes,
    walk: impl Fn(&MemoryNodes) -> Result<T, MapError>,
) -> Result<T, ReadError> {
    loop {
        match walk(nodes) {
            Ok(found) => return Ok(found),
            Err(MapError::MissingNode(hash)) => {
                let bytes: Option<Vec<u8>> = sqlx::query_scalar("SELECT node FROM map_nodes WHERE hash = ?")
                    .bind(hash.as_slice())
                    .fetch_optional(&mut *connection)
                    .await?;
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
