package heartwood.raft.node;

import heartwood.raft.core.Effect.ProposalRejected.Reason;

/** Somebody waits for a change of the membership. One of these is called, once, on the loop. */
public interface ChangeRequest {
  /** It is committed, and with a change of voters what follows the joint configuration too. */
  void done();

  /** Nothing was done. */
  void refused(Reason reason);

  /** Leadership was lost meanwhile: another leader may go on with it. */
  void unknown();
}
