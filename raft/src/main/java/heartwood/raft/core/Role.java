package heartwood.raft.core;

/**
 * What a node is at present.
 *
 * <pre>
 *                timeout             majority would vote           majority votes
 *   FOLLOWER ──────────────► PRE_CANDIDATE ──────────► CANDIDATE ──────────────► LEADER
 *      ▲  ▲                     │                         │                        │
 *      │  └─── leader heard ────┴─────────────────────────┘                        │
 *      └────────────── higher term, or no majority answers (check-quorum) ─────────┘
 * </pre>
 */
public enum Role {
  FOLLOWER,
  PRE_CANDIDATE,
  CANDIDATE,
  LEADER
}
