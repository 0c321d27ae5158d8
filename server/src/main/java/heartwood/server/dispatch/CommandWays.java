package heartwood.server.dispatch;

import heartwood.server.replication.AppliedView;

/**
 * The ways that a node's commands can take, the same for all its event loops.
 *
 * @param writes into the log, and reads by a leader
 * @param reads that nothing unanswered precedes
 * @param staleReads after READONLY, within a bound
 * @param waits of WAIT and WAITAOF
 * @param membership the changes of who belongs to the cluster
 * @param ends what becomes of commands that are not applied
 * @param applied how far the state has come
 */
public record CommandWays(
    WritePath writes,
    FollowerReadPath reads,
    BoundedStaleness staleReads,
    WaitingClients waits,
    MembershipDesk membership,
    BatchEnds ends,
    AppliedView applied) {}
