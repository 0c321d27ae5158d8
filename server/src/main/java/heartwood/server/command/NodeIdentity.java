package heartwood.server.command;

/**
 * Who this node is; does not change while it runs. Immutable.
 *
 * @param nodeId 40 hex digits, the same after a restart
 * @param shardId 40 hex digits, the same on all members of the cluster
 * @param runId 40 hex digits, new at each start
 * @param version of Heartwood
 * @param startedMillis when the process started, on its clock
 */
public record NodeIdentity(
    String nodeId, String shardId, String runId, String version, long startedMillis) {}
