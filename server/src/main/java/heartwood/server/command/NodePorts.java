package heartwood.server.command;

import heartwood.server.config.LiveConfig;
import java.time.Clock;

/**
 * What the commands about this node need from the rest of it. All parts are thread-safe.
 *
 * @param clock the node's own: for TIME, idle times and uptime, never for data
 */
public record NodePorts(
    NodeIdentity identity,
    ClusterView cluster,
    NodeStatistics statistics,
    ClientRegistry clients,
    LiveConfig config,
    SlowLog slowLog,
    Clock clock) {}
